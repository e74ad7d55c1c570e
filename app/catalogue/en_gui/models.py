"""Words of the page of models: what is installed, what the computer can run, what is being done to files."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.models.title": "Models",
    "gui.models.looking": "Looking which models there are…",
    "gui.models.add": "Add a file…",
    "gui.models.add.filter": "GGUF models",
    "gui.models.add.all": "All files",
    "gui.models.convert": "Convert a folder…",
    "gui.models.without": "Answer without a model",
    "gui.models.installed": "Installed",
    "gui.models.offers": "Can be installed",
    "gui.models.answers": "Answers",
    "gui.models.recommended": "Recommended",
    "gui.models.choose": "Choose",
    "gui.models.choose_name": "Choose the model {name}",
    "gui.models.more": "More actions",
    "gui.models.more_name": "More actions for the model {name}",
    "gui.models.download": "Download…",
    "gui.models.download_name": "Download the model {name}",
    "gui.models.action.measure": "Measure the speed",
    "gui.models.action.verify": "Verify the file",
    "gui.models.action.certificate": "Certificate of conversion",
    "gui.models.action.copy": "Write to a USB stick…",
    "gui.models.action.remove": "Remove",
    "gui.models.broken_records": "Records of models cannot be read: {names}. Add the files of these models again.",
    "gui.models.not_models": "These are no models: {names}. Give a GGUF file, or a folder with config.json "
    "and *.safetensors.",
    # the computer and the picture of its memory
    "gui.models.computer": "What this computer can run",
    "gui.models.ram": "{size} of memory",
    "gui.models.few_cores": "There are only {cores} here: a large model will answer slowly.",
    "gui.models.try.model": "Model",
    "gui.models.try.type": "Quantization",
    "gui.models.try.context": "Context",
    "gui.models.bar": "Memory for the model",
    "gui.models.bar.weights": "weights {size}",
    "gui.models.bar.context": "context {size}",
    "gui.models.bar.rest": "computing {size}",
    "gui.models.bar.free": "free {size}",
    "gui.models.bar.reserve": "system {size}",
    "gui.models.verdict.fits": "Fits: needs {needs}, context up to {largest}.",
    "gui.models.verdict.tight": "Fits if other programs are closed: needs {needs}, context up to {largest}.",
    "gui.models.verdict.too-large": "Does not fit: needs {needs}, {missing} are missing.",
    "gui.models.verdict.unknown": "Needs {needs}; the system does not say how much memory this computer has.",
    "gui.models.speed.measured": "Reads {reading} tokens a second, writes {writing}.",
    "gui.models.speed.expected": "Should write about {writing} tokens a second, judging by {name}.",
    "gui.models.speed.about": "Should write about {writing} tokens a second.",
    "gui.models.other_engine": "Does not run here: it needs the program {engine}.",
    "gui.models.speed.unknown": "The speed has not been measured yet.",
    "gui.models.trained_context": "context up to {count}",
    # work
    "gui.models.progress": "Progress of the work",
    "gui.models.work.add": "Adding {name}",
    "gui.models.work.convert": "Converting {name}",
    "gui.models.work.verify": "Verifying {name}",
    "gui.models.work.remove": "Removing {name}",
    "gui.models.work.measure": "Measuring the speed of {name}",
    "gui.models.work.split": "Writing {name}",
    "gui.models.work.look_up": "Asking the server about {name}",
    "gui.models.work.pull": "Downloading {name}",
    "gui.models.preparing": "Getting ready…",
    "gui.models.loading": "Loading into memory: {done}",
    "gui.models.measuring": "Trying different numbers of threads. This takes up to a minute.",
    "gui.models.waiting": "Then: {names}",
    "gui.models.stop": "Stop",
    "gui.models.stopping": "Stopping…",
    "gui.models.again": "Try again",
    "gui.models.go_on": "Go on",
    "gui.models.hide": "Hide",
    "gui.models.state.done": "Done: {name}",
    "gui.models.state.stopped": "Stopped: {name}",
    "gui.models.state.failed": "Did not work: {name}",
    "gui.models.stopped.goes_on": "What was done is kept. You can go on now or on another day.",
    "gui.models.stopped.nothing_changed": "Nothing has changed.",
    "gui.models.done.installed": "The model {name} is installed: {type}, {size}. The file was checked and its checksum "
    "written down.",
    "gui.models.done.already": "The very same file is installed already under the name {name}.",
    "gui.models.done.removed": "The model {name} was removed, {size} are free again.",
    "gui.models.done.removed_link": "The model {name} is not installed any more. Its file stayed where it is: {path}",
    "gui.models.done.verified": "The file of the model {name} is the one that was installed. SHA-256: {sum}",
    "gui.models.done.measured": "{name}: {speed} The number of threads is remembered.",
    "gui.models.done.split": "The model {name} was written into the folder {folder}. On the other computer, drop any "
    "of these files on the window of Offlite.",
    # without a model, without a network
    "gui.models.none.title": "There is no model yet",
    "gui.models.none.text": "Offlite answers already, with quotations from your documents. With a model it writes "
    "a coherent answer in its own words and refers to the sources.",
    "gui.models.small.title": "The built-in model answers for now",
    "gui.models.small.text": "{name} comes with Offlite, to try everything at once. It is small: it finds a fitting "
    "phrase in the documents and repeats it with a reference, but it is often wrong and cannot reason. A coherent "
    "answer in its own words takes T-lite.",
    "gui.models.carry.title": "How to bring a model to a computer without a network",
    "gui.models.carry.file": "On a computer with internet open huggingface.co/{repository} and download the file "
    "{file} ({size}). This is {name}, a model for this computer.",
    "gui.models.carry.checkpoint": "On a computer with internet open huggingface.co/{repository} and download all "
    "files into one folder: config.json, tokenizer.json, {file} and the rest (about {size}). This is {name}, a model "
    "for this computer.",
    "gui.models.carry.stick": "Carry it over on a USB stick. FAT32 holds no files of 4 GB and more: choose exFAT or "
    "NTFS. If Offlite is there too, the menu of a model has “Write to a USB stick”, and FAT32 will do.",
    "gui.models.carry.drop": "Drop the file on this window or press “Add a file”.",
    "gui.models.carry.convert": "Drop the folder on this window or press “Convert a folder”.",
    "gui.models.carry.folder": "Any other GGUF file will do, and so will an original model, a folder with config.json "
    "and *.safetensors: Offlite converts it itself.",
    # questions before something is done
    "gui.models.connect.title": "Connect to the network?",
    "gui.models.connect.text": "Downloading {name} needs the network. Offlite does everything else without it.",
    "gui.models.connect.host": "Server: {endpoint}, model {repository}.",
    "gui.models.connect.size": "About {download} to download, {installed} will stay on the disk.",
    "gui.models.connect.gated": "Its author asks you to accept a licence on the site and to set a key in the variable "
    "HF_TOKEN.",
    "gui.models.connect.private": "No questions, no documents and nothing about you is sent.",
    "gui.models.connect.yes": "Connect to the network",
    "gui.models.download.title": "Download {name}?",
    "gui.models.download.yes": "Download",
    "gui.models.convert.title": "Convert {name}?",
    "gui.models.convert.text": "The original model becomes one GGUF file and is installed. The folder stays as it is. "
    "You can stop at any moment: what was done is kept.",
    "gui.models.convert.adapter": "This is a LoRA adapter: it adds to the model that it was trained for. If that "
    "model’s config.json is not beside it, name its folder.",
    "gui.models.convert.base": "Folder of the model…",
    "gui.models.convert.yes": "Convert",
    "gui.models.type.usual": "{type}: smaller and faster",
    "gui.models.type.exact": "{type}: more exact, twice as large",
    "gui.models.remove.title": "Remove {name}?",
    "gui.models.remove.text": "The file of the model is deleted, {size} become free. Knowledge bases and conversations "
    "stay.",
    "gui.models.remove.linked": "Offlite forgets the model; its file ({size}) stays where it is: {path}",
    # the certificate
    "gui.models.certificate": "Certificate of conversion",
    "gui.models.certificate.text": "What was converted, into what, and how it was checked. It lies beside the file.",
    "gui.models.certificate.source": "Original model",
    "gui.models.certificate.result": "Result",
    "gui.models.certificate.sum": "SHA-256",
    "gui.models.certificate.files": "Read",
    "gui.models.certificate.files_of": "{files}, {size}",
    "gui.models.certificate.tensors": "Written",
    "gui.models.certificate.probe": "Held against llama.cpp",
    "gui.models.certificate.probe_equal": "rows of weights are equal to the bit",
    "gui.models.certificate.time": "Time",
    "gui.models.certificate.by": "Program",
    "gui.models.certificate.note": "Note",
    "gui.models.certificate.check": "Check",
    "gui.models.certificate.good": "the file is good",
    "gui.models.certificate.doubtful": "the file is doubtful",
    "gui.models.certificate.bad": "the file is bad",
    "gui.models.close": "Close",
    # what went wrong, where the terminal would be told a command
    "gui.models.error.name_taken": "A model named “{name}” is installed already. Remove it or rename the new file.",
    "gui.models.error.not_gguf": "{path} is no GGUF model: {detail}. A folder with an original model can be converted: "
    "“Convert a folder”.",
    "gui.models.error.unsupported": "{path} cannot be run here: {detail}. Take another file of this model or another "
    "model.",
    "gui.models.error.changed": "The file of the model “{name}” has changed since it was installed. Such a file is not "
    "run. Remove the model and add it again from a source that you trust.",
    "gui.models.error.not_installed": "The model “{name}” is not installed any more.",
    "gui.models.error.switched_off": "The network is forbidden by the variable {variable}. Remove it, or bring the "
    "file of a model on a stick and drop it on this window.",
    "gui.models.error.unreachable": "The server {endpoint} cannot be reached ({detail}). Check the network; what was "
    "downloaded is kept, and you can go on.",
    "gui.models.error.corrupt": "The downloaded file {path} was damaged and is removed. Download the model again.",
    "gui.models.error.size_wrong": "The server sends {path} in another size than it announced. The download was broken "
    "off; try again later.",
    "gui.models.error.source_changed": "The file {path} changed while it was read. Wait until it is copied and begin "
    "again.",
    "gui.models.error.not_checkpoint": "{path} is no original model: {detail}. Give a folder with config.json, "
    "tokenizer.json and *.safetensors.",
}

PLURALS: dict[str, tuple[str, ...]] = {}
