"""English, part two: models and their conversion. Joined to ``en``."""

from __future__ import annotations

PLURALS: dict[str, tuple[str, ...]] = {
    "model": ("model", "models"),
    "part": ("part", "parts"),
    "tensor": ("tensor", "tensors"),
    "tensor_of": ("tensor", "tensors"),
    "row": ("row", "rows"),
    "token": ("token", "tokens"),
}

ERRORS: dict[str, str] = {
    # a checkpoint that cannot be converted
    "ConverterError": "The model could not be converted.",
    "SourceError": "This model cannot be converted.",
    "NoSuchCheckpoint": "No such folder: {path}. Name the folder of a model: it holds config.json and *.safetensors.",
    "NotACheckpoint": "{path} is not a Hugging Face model: {detail}. A folder with config.json, tokenizer.json and "
    "*.safetensors is needed.",
    "SourceUnreadable": "The file {path} cannot be read ({detail}). Check the permissions and the medium.",
    "SourceChanged": "The file {path} changed while it was read. Wait until it is copied, then repeat the command.",
    "JsonBroken": "The file {path} is damaged: {detail}. Download or copy it again.",
    "HeaderBroken": "The file of weights {path} is damaged: {detail} ({tensor}). Download or copy it again.",
    "IndexBroken": "The list of files {path} is damaged: {detail} ({entry}). Download or copy the model again.",
    "TensorRepeated": "The tensor {tensor} is in two files at once: {first} and {second}. Two models seem to be mixed "
    "in the folder: keep the files of one.",
    "TensorsMissing": "The model lacks tensors: {tensors}. The folder is incomplete, or config.json belongs to "
    "another model.",
    "TensorsUnexpected": "The model has tensors that config.json does not know: {tensors}. "
    "It seems to belong to another model.",
    "TensorShapeWrong": "The tensor {tensor} has the shape {found}; config.json asks for {expected}. "
    "It seems to belong to another model.",
    "TensorTypeUnsupported": "The tensor {tensor} is stored as {dtype}; bf16, f16 and f32 weights can be converted. "
    "Take the original, uncompressed model.",
    "NotFinite": "Row {row} of the tensor {tensor} holds NaN, infinity or an exorbitant number: the weights are "
    "spoiled. Download or copy the model again.",
    "ConfigBroken": "Wrong value in {path}: {entry} — {detail}.",
    "ArchitectureUnsupported": "The architecture “{architecture}” is not supported. Supported are Qwen2 (T-lite 1.0), "
    "Qwen3 (T-lite 2.x), Llama (Saiga, Mistral), Gemma 3 and Phi-3/Phi-4-mini.",
    "RopeUnsupported": "GGUF cannot represent the position scaling “{kind}” (rope_scaling): the model would answer "
    "wrongly.",
    "VocabularyBroken": "The vocabulary {path} is damaged: {detail} ({entry}).",
    "PretokenizerUnknown": "The way {path} splits text is unknown (fingerprint {digest}): llama.cpp would split it "
    "differently from how the model was trained.",
    "AdapterUnsupported": "The adapter {path} cannot be converted: {detail} ({entry}).",
    "AdapterBroken": "The adapter {path} is damaged: {detail} ({entry}).",
    # the file to be written
    "TargetError": "The model cannot be written.",
    "TypeUnknown": "No such type: {type}. Possible: {known}.",
    "TargetExists": "The file is already there: {path}. Delete it or choose another name.",
    "TargetUnwritable": "Cannot write {path} ({detail}). Check the folder, the permissions and the disk space.",
    "TargetBusy": "Another Offlite is writing {path} now. Wait for it or choose another name.",
    "SpaceShort": "Not enough disk space for {path}: {needed} needed, {free} free.",
    "QuantizerMissing": "Nothing to quantize with: llama-cpp-python does not work ({detail}). "
    "Reinstall it: pip install --force-reinstall llama-cpp-python",
    "QuantizerDiffers": "The installed llama.cpp quantizes the tensor {tensor} differently ({found}) than expected "
    "({expected}). No file was made; install the version of llama-cpp-python that Offlite asks for.",
    "GgufBroken": "The file {path} is damaged: {detail} ({entry}).",
    # models
    "ModelsError": "Something is wrong with a model.",
    "ModelNotInstalled": "The model “{name}” is not installed. Installed: {installed}. Add a file: "
    "offlite models add FILE",
    "ModelShipped": "The model “{name}” comes with Offlite: there is nothing to download, and it cannot be removed. To "
    "have another one answer: --model NAME; none at all, with quotations: --model none",
    "ModelNameTaken": "A model named “{name}” is installed already. Choose another name: --name NAME",
    "ModelFileMissing": "No such file: {path}",
    "ModelUnreadable": "The file {path} cannot be read ({detail}). Check the permissions and the medium.",
    "NotAGguf": "{path} is not a GGUF model: {detail}. Convert the folder of a Hugging Face model first: "
    "offlite convert FOLDER FILE",
    "ModelBroken": "The model file {path} is damaged: {detail} ({entry}). Download or copy it again.",
    "ModelUnsupported": "The model file {path} cannot be run here: {detail} ({entry}). Take another file of this "
    "model, or another model: offlite models list",
    "ModelChanged": "The file of the model “{name}” changed since it was installed: {path}. Such a file is not run. "
    "Check where it comes from and install it again: offlite models add FILE",
    "PartsMissing": "The model {path} is split into parts, and some are not there. Missing: {missing}",
    "PartsDiffer": "The parts of the model {path} do not belong together: {detail}.",
    "ModelStoreUnwritable": "Cannot write {path} ({detail}). Check the permissions and the disk space.",
    "ModelStoreBusy": "Another Offlite is changing the folder of models {path} now. Wait for it and repeat.",
    "ModelSpaceShort": "Not enough disk space for {path}: {needed} needed, {free} free.",
    "MemoryShort": "Not enough memory to run the model {path} with a context of {context} tokens. Close other "
    "programs or take a smaller model.",
    "ContextOverflow": "The question with its passages and the conversation is too long: {prompt} tokens and up to "
    "{answer} for the answer, but the model holds {context}. Shorten the question or start a new conversation.",
    "ModelUnsuitable": "The model {path} does not suit: {detail}.",
    "GrammarRefused": "The wanted form of the answer cannot be used: {detail}.",
    "AdapterUnusable": "The adapter {path} cannot be used: {detail}.",
    "AdapterUnknown": "The adapter “{name}” is not loaded. Loaded: {known}.",
    "ModelDied": "The model stopped working: {detail} ({path}). Ask again: it will be started anew.",
    "ModelUnloaded": "The model {path} was taken out of memory. Ask again: it will be loaded anew.",
    "RuntimeUnavailable": "llama.cpp does not work on this computer ({detail}). "
    "Reinstall it: pip install --force-reinstall llama-cpp-python",
    "ModelNotInCatalog": "The model “{name}” is not in the catalogue. There are: {known}",
    "CatalogBroken": "The catalogue of models {path} is damaged: {detail} ({entry}). Reinstall Offlite.",
    "HubError": "The model could not be downloaded.",
    "HubSwitchedOff": "The network is switched off by the variable {variable}. Unset it, or bring the model file on a "
    "medium: offlite models add FILE",
    "HubUnreachable": "The server {endpoint} cannot be reached ({detail}). Check the network and the address in "
    "HF_ENDPOINT; what was downloaded is kept, the same command goes on.",
    "HubRefused": "The server does not give “{repository}” (status {status}). Check the name; if the model "
    "asks you to accept a licence, accept it on the site and put the key into HF_TOKEN.",
    "HubAnswerBroken": "The server's answer about “{repository}” is not usable: {detail} ({entry}). "
    "This model cannot be downloaded; check the address in HF_ENDPOINT.",
    "DownloadSizeWrong": "The server sends {file} in another size than it announced: {expected} announced, "
    "{found} sent. The download was cut off; repeat the command later.",
    "DownloadCorrupt": "The downloaded file {file} is spoiled: the sum should be {expected} and is {found}. "
    "It was deleted; repeat the command.",
}

DETAILS: dict[str, str] = {}

TEXTS: dict[str, str] = {
    "convert.planned": "{tensors}, {read} to read; the result: {type}, {write}.",
    "convert.kept": "Going on: {size} done already.",
    "convert.stage.tensors": "Converting: {done} of {total}, {name}",
    "convert.stage.hashing": "Checksums: {name}",
    "convert.stage.structure": "Comparing tensors: {done} of {total}",
    "convert.stage.source_pass": "Computing with the source: {done} of {total}",
    "convert.stage.model_pass": "Computing with the GGUF: {done} of {total}",
    "convert.stopped": "Stopped at {done}. What is done is kept in {part}; the same command goes on from there.",
    "convert.done": "Done: {path} ({type}, {size}) in {time}.",
    "convert.sum": "SHA-256: {sum}",
    "convert.next": "To check it: offlite convert check FILE --against FOLDER\nTo install it: offlite models add FILE",
    "convert.verdict.good": "The file is good: {path}",
    "convert.verdict.doubtful": "The file is doubtful: {path}",
    "convert.verdict.bad": "The file is bad: {path}",
    "convert.check.rows": "Rows compared: {rows}, equal to the bit: {equal}.",
    "convert.check.behaviour": "Behaviour on a Russian text ({tokens}): mean KL {mean}, worst percent {worst}; "
    "the same next word in {same} of cases; perplexity {before} of the source, {after} of the file.",
    "convert.check.stopped": "The check was stopped.",
    "metavar.type": "TYPE",
    "metavar.name": "NAME",
    "help.convert": "make one GGUF file of a Hugging Face model or a LoRA adapter",
    "help.convert.source": "folder of the model (config.json, *.safetensors) or of a PEFT adapter",
    "help.convert.target": "the file to make",
    "help.convert.type": "Q4_K_M (default), Q4_K_S, Q5_K_M, Q6_K, Q8_0, Q4_0, Q5_1, BF16 or F16; "
    "for an adapter F16 (default) or Q8_0",
    "help.convert.base": "folder of the model that the adapter was made for",
    "help.convert.check": "check a converted file",
    "help.convert.check.file": "GGUF file",
    "help.convert.check.against": "compare with the source: rows of weights to the bit, and behaviour on a text",
    "unit.parameters_b": "{number} billion parameters",
    "unit.parameters_m": "{number} million parameters",
    "models.installed": "Installed:",
    "models.none": "No model is installed.",
    "models.shipped": "built in",
    "models.shipped_small": "built in, small: the real one is T-lite",
    "models.kind.model": "answers",
    "models.kind.embedding": "for search by meaning",
    "models.kind.adapter": "LoRA adapter",
    "models.absent": "its file is not there: {path}",
    "models.broken_record": "The record of a model cannot be read: {path}. Install the model again: offlite models "
    "add FILE",
    "models.catalog": "Can be installed:",
    "models.size_of_type": "{size} ({type})",
    "models.purpose.answers": "answers",
    "models.purpose.embeds": "for search by meaning",
    "models.licence_check": "licence: read the model's card",
    "models.other_engine": "needs {engine}, does not run here",
    "models.list_next": "What this computer can run: offlite models fit\nDownload: offlite models pull NAME. Add a "
    "file: offlite models add FILE",
    "models.work.hashing": "Checksum of {name}: {done} of {total}",
    "models.work.copying": "Copying {name}: {done} of {total}",
    "models.work.joining": "Joining the parts of {name}: {done} of {total}",
    "models.work.splitting": "Splitting {name}: {done} of {total}",
    "models.work.downloading": "Downloading {name}: {done} of {total}",
    "models.added": "Installed the model {name} ({type}, {size}): {path}",
    "models.already": "The very same file was installed before, as {name}.",
    "models.added_next": 'Ask: offlite ask "QUESTION" --model {name}',
    "models.verified": "The file is the one that was installed: {path}\nSHA-256: {sum}",
    "models.removed": "Removed the model {name}, {size} free again: {path}",
    "models.removed_link": "The model {name} is not installed any more. Its file ({size}) stays where it is: {path}",
    "models.split_next": "Carry all of these files, and name any one of them on the other computer: offlite models "
    "add FILE",
    "models.stopped": "Stopped, nothing was changed.",
    "pull.connect": "A network connection is needed: {endpoint}, model {repository}.",
    "pull.confirm": "Download?",
    "pull.prompt": "Go on? [y/N] ",
    "pull.declined": "Nothing was downloaded.",
    "pull.plan": "{repository}, revision {revision}: {files}, {size}.",
    "pull.licence": "Licence: {licence}.",
    "pull.licence_unstated": "The licence is not stated: read the model card.",
    "pull.converts": "This is a checkpoint: its shards are downloaded one by one, converted to {type} and deleted.",
    "pull.stopped": "Stopped. What was downloaded is kept; the same command goes on from there.",
    "help.models": "language models: which exist, which are installed, which this computer can run",
    "help.models.list": "what is installed and what can be installed",
    "help.models.add": "install a GGUF file: check it, copy it, remember its checksum",
    "help.models.add.file": "a model or an adapter; of a split model any part",
    "help.models.add.name": "under which name (default: the file's)",
    "help.models.add.link": "do not copy: remember where the file lies",
    "help.models.verify": "hold a model's file against its checksum",
    "help.models.remove": "remove a model",
    "help.models.name": "name of an installed model",
    "help.models.split": "cut a model into files below 4 GB, for a stick with FAT32",
    "help.models.split.name": "name of an installed model, or a GGUF file",
    "help.models.split.folder": "where to write the parts",
    "help.models.pull": "download and install a model: the only command that needs the network",
    "help.models.pull.name": "a name of the catalogue: offlite models list",
    "help.models.pull.type": "type of GGUF (default Q4_K_M)",
    "help.models.pull.yes": "do not ask",
    "fit.computer": "Memory {ram}: {room} for models, {reserve} stay with the system. {cores}. {processor}",
    "fit.slow.no-avx2": "The processor lacks AVX2: answers will be slow, whatever the model.",
    "fit.slow.no-dotprod": "The processor lacks the dotprod instructions: answers will be slow, whatever the model.",
    "fit.slow.few-cores": "Few cores: a large model will answer slowly. To measure the speed: offlite bench",
    "fit.verdict.fits": "{type}: needs {needs} with a context of {context}; context up to {largest}",
    "fit.verdict.tight": "{type}: needs {needs}; fits if other programs are closed; context up to {largest}",
    "fit.verdict.too-large": "{type}: needs {needs} with a context of {context}: does not fit",
    "fit.other_engine": "does not run here: llama.cpp does not compute it",
    "fit.part.weights": "weights: {size}",
    "fit.part.cache": "memory of the context, {context} tokens: {size}",
    "fit.part.compute": "intermediate results: {size}",
    "fit.part.process": "program and vocabulary: {size}",
    "fit.foretold": "Computed from the model's shape; exact for a file on disk: offlite models fit FILE",
    "fit.next": "One in detail: offlite models fit NAME",
    "help.models.fit": "which models this computer can run, in which form, with which context",
    "help.models.fit.name": "a name of the catalogue, an installed model or a GGUF file; without: all",
    "help.models.fit.context": "how many tokens of context are wanted (default 4096)",
    "convert.finding.file_hash": "the file was changed after its conversion: another checksum than the certificate's "
    "({where})",
    "convert.finding.source_hash": "a source file is not the one of the certificate: {where}",
    "convert.finding.source_missing": "a source file is missing: {where}",
    "convert.finding.certificate_broken": "the certificate cannot be read: {where}",
    "convert.finding.certificate_not_written": "the result could not be noted in the certificate: {where}",
    "convert.finding.trailing_bytes": "there are stray bytes at the end of the file: {where}",
    "convert.finding.file_type": "the type of the file is absent or unknown: {where}",
    "convert.finding.key_missing": "the header lacks the key {where}",
    "convert.finding.key_differs": "a key of the header is not that of the source: {where}",
    "convert.finding.key_unexpected": "a stray key in the header: {where}",
    "convert.finding.tensor_missing": "the tensor {where} is missing",
    "convert.finding.tensor_unexpected": "a stray tensor {where}",
    "convert.finding.tensor_shape": "a tensor of another shape: {where}",
    "convert.finding.tensor_type": "a tensor of another type: {where}",
    "convert.finding.rows_differ": "the weights were not made of the source: {where}",
    "convert.finding.rows_near": "the weights are right but another build of llama.cpp quantized them: {where}",
    "convert.finding.model_fails": "llama.cpp does not run the file: {where}",
    "convert.finding.vocabulary_larger": "the file has more tokens than the source: {where}",
    "convert.finding.tokens_differ": "llama.cpp splits text into other tokens than the source: {where}",
    "convert.finding.tokenizer_unreadable": "tokenizer.json cannot be read: {where}",
    "convert.finding.logits_not_finite": "what the model computes are no numbers",
    "convert.finding.quantization_loss": "the file is right, but its type costs this model more than usual: {where}; "
    "take a finer type",
    "convert.finding.divergence": "the behaviour differs from the source's by more than this type allows: {where}",
    "convert.note.rounded_to_bf16": "The weights were rounded to bf16 first, as llama.cpp does.",
    "convert.note.sliding_window_ignored": "The sliding window of config.json is not used, as in llama.cpp.",
    "convert.note.pretokenizer_by_pattern": "llama.cpp does not know this vocabulary; how it splits words was "
    "recognised by its description.",
    "fit.verdict.unknown": "{type}: needs {needs} with a context of {context}; the system does not say how much "
    "memory there is",
    "pull.lost": "The connection broke ({detail}). Trying again in {time}.",
    "convert.note.sentencepiece_not_bpe": "The SentencePiece vocabulary is not of the BPE kind; written as llama.cpp "
    "does.",
    "convert.note.vocabulary_padded": "The vocabulary is smaller than the model's matrix of words: the missing "
    "numbers were filled.",
    "convert.note.scores_missing": "The vocabulary has no scores of words; those that llama.cpp puts were written.",
    "convert.note.model_card_ignored": "The model card (README.md) cannot be read and is not in the header.",
    "convert.note.generation_config_ignored": "generation_config.json cannot be read and is not in the header.",
    "doctor.llama.ok": "Language models: llama-cpp-python {version}, quantizing by {quantizer}",
    "doctor.llama.problem": "Language models do not work ({detail}). Reinstall: pip install --force-reinstall "
    "llama-cpp-python",
    "doctor.models.ok": "Installed models: {names}",
    "doctor.models.absent": "No models: answers are quotations. Which would fit: offlite models fit",
    "doctor.models.problem": "Files of models are missing: {names}. Install them again: offlite models add FILE",
}
