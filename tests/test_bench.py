"""Measuring a model: what is asked in which way, what comes out, what is compared with what. No time is asserted."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
from bench_material import QUESTION, SMALL, write_base, write_program
from engine_material import write_model

from app import language_models, paths, prompt, settings
from app.bench import machine, quantizations, speed, waiting
from app.bench.comparator import Comparator
from app.bench.picture import Bar, Group, svg
from app.bench.report import Machine, Measured, Pace, Progress, Quantization, Report, Stage, Way
from app.bench.run import measure
from app.bench.waiting import Asking
from app.errors import ComparatorFailed
from kb.base import KnowledgeBase
from models import gguf_header
from models.errors import ModelFileMissing
from models.installed import Store
from models.runtime import scene_trial
from models.runtime.client import Model
from models.runtime.events import Speeds
from models.runtime.options import LoadOptions
from models.stopping import never


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    path = write_base(tmp_path_factory.mktemp("base") / "насосы.db")
    with KnowledgeBase.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "Малютка.gguf", context=8192)


@pytest.fixture(scope="module")
def model(file: Path) -> Iterator[Model]:
    with Model(LoadOptions(path=file, context=8192, threads=1)) as opened:
        yield opened


def asking(base: KnowledgeBase) -> Asking:
    return Asking(base, QUESTION, 60)


def measured(file: Path, base: KnowledgeBase, **options: object) -> tuple[list[Progress], Report]:
    chosen = language_models.choose(str(file))
    assert chosen is not None
    arguments = {"question": QUESTION, "context": 8192, "extent": SMALL, "stop": never, **options}
    *progress, last = measure(chosen, base=base, **arguments)  # type: ignore[arg-type]
    assert isinstance(last, Measured)
    return progress, last.report  # type: ignore[return-value]


def test_everything_is_measured(file: Path, base: KnowledgeBase) -> None:
    progress, report = measured(file, base)
    stages = list(dict.fromkeys(event.stage for event in progress))
    assert stages == [Stage.MACHINE, Stage.LOADING, Stage.THREADS, Stage.SPEED, Stage.WAITING]
    assert list(report.waits) == [Way.NAIVE, Way.DEFAULT, Way.TYPED]
    assert report.passages == 6
    assert report.resident_bytes > report.facts.weights_bytes
    assert report.pace.prefill > 0
    assert report.pace.prefill_vs_c is None and report.pace.decode_vs_c is None
    assert report.shift is None and report.quantizations == () and report.recommended is None


def test_the_best_thread_count_is_remembered_where_answers_look_for_it(file: Path, base: KnowledgeBase) -> None:
    _, report = measured(file, base)
    assert report.remembered
    chosen = language_models.choose(str(file))
    assert chosen is not None
    assert language_models.remembered(chosen) == replace(report.speeds, trials=())
    assert language_models.load_options(chosen).threads == report.speeds.threads


def test_a_measurement_goes_on_where_nothing_can_be_remembered(file: Path, base: KnowledgeBase, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settings, "remember_speeds", full)
    _, report = measured(file, base)
    assert not report.remembered and report.waits


def test_the_scene_cache_is_measured_and_leaves_nothing_behind(
    file: Path, base: KnowledgeBase, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    progress, report = measured(file, base, scene_cache=True)
    assert progress[-1].stage is Stage.SCENES
    exact, cached = report.waits[Way.NAIVE], report.waits[Way.SCENE_CACHE]
    assert cached.reused_tokens > exact.reused_tokens
    assert report.shift is not None
    assert report.shift.positions == 16 and report.shift.mean_kl > 0 and report.shift.highest_kl >= report.shift.mean_kl
    assert 0 <= report.shift.same <= 1
    assert not list(tmp_path.iterdir())


def test_a_stopped_measurement_ends_without_a_report(file: Path, base: KnowledgeBase) -> None:
    chosen = language_models.choose(str(file))
    assert chosen is not None
    stages: list[Stage] = []
    for event in measure(chosen, base=base, question=QUESTION, extent=SMALL, stop=lambda: Stage.WAITING in stages):
        assert isinstance(event, Progress)
        stages.append(event.stage)
    assert stages[-1] is Stage.WAITING


def test_an_empty_base_gives_no_waits(file: Path, tmp_path: Path) -> None:
    with KnowledgeBase.create(tmp_path / "пусто.db") as empty:
        _, report = measured(file, empty)
        assert report.waits == {} and report.passages == 0
        assert waiting.question_for(empty) == waiting.QUESTION


def test_a_base_about_something_else_is_asked_for_its_largest_document(base: KnowledgeBase) -> None:
    assert waiting.question_for(base).startswith("Насос номер")


# -- the ways ---------------------------------------------------------------------------------------------------------


def test_the_naive_way_reads_everything_and_ours_little(model: Model, base: KnowledgeBase) -> None:
    *_, (done, waits) = waiting.waited(model, asking(base), scenes=False, rounds=2, stop=never)
    assert done == 1.0
    naive, default, typed = (waits[way] for way in (Way.NAIVE, Way.DEFAULT, Way.TYPED))
    assert naive.reused_tokens < 32
    assert default.prompt_tokens < naive.prompt_tokens
    system = model.count([prompt.request((), "").messages[0].text])[0]
    assert system <= default.reused_tokens < system + 64
    assert typed.reused_tokens > default.reused_tokens
    assert typed.prompt_tokens - typed.reused_tokens < default.prompt_tokens - default.reused_tokens


def test_a_way_that_does_not_fit_into_the_context_is_left_out(file: Path, base: KnowledgeBase) -> None:
    pieces = asking(base).passages()
    with Model(LoadOptions(path=file, context=768, threads=1)) as small:
        long = replace(asking(base), budget=40)
        texts = [prompt.request(pieces, QUESTION).messages[-1].text, prompt.request((), "").messages[0].text]
        assert sum(small.count(texts)) > 768
        *_, (_, waits) = waiting.waited(small, long, scenes=False, rounds=1, stop=never)
    assert list(waits) == [Way.DEFAULT, Way.TYPED]


def test_whole_passages_come_in_six_and_scenes_leave_the_best_for_the_end(base: KnowledgeBase) -> None:
    pieces = asking(base).passages()
    assert len(pieces) == 6
    request = waiting.in_scenes(pieces, QUESTION)
    text = request.messages[-1].text
    assert len(request.scenes) == 5
    begins = [0, *request.scenes]
    for begin, piece in zip(begins, [*pieces[1:], pieces[0]], strict=True):
        assert text[begin:].startswith(f"<отрывок {piece.number}:")


def test_a_trial_of_scenes_tells_what_is_wrong_with_the_model_and_can_be_stopped(
    file: Path, base: KnowledgeBase, tmp_path: Path
) -> None:
    request = waiting.in_scenes(asking(base).passages(), QUESTION)
    gone = scene_trial.Trial(LoadOptions(path=tmp_path / "нет.gguf"), request)
    with pytest.raises(ModelFileMissing):
        scene_trial.measured(gone, stop=never)
    assert scene_trial.measured(scene_trial.Trial(LoadOptions(path=file), request), stop=lambda: True) is None


# -- speed ------------------------------------------------------------------------------------------------------------


def test_a_comparator_takes_turns_with_the_model(model: Model, tmp_path: Path) -> None:
    program = write_program(tmp_path / "loop")
    with _comparator(program) as other:
        *_, pace = speed.paced(model, [other], read=48, write=3, rounds=2, stop=never)
    assert isinstance(pace, Pace)
    assert pace.c_prefill == pytest.approx(100) and pace.c_decode == pytest.approx(10)
    assert pace.prefill_vs_c == pytest.approx(pace.prefill / 100)


@pytest.mark.parametrize("wrong", [{"ready": "hello"}, {"answer": "'nonsense'"}, {"answer": "1 / 0"}])
def test_a_comparator_that_does_not_work_is_an_error(wrong: dict[str, str], tmp_path: Path) -> None:
    program = write_program(tmp_path / "loop", **wrong)
    with pytest.raises(ComparatorFailed), _comparator(program) as other:
        other.run(read=128, write=4)


def test_a_comparator_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ComparatorFailed):
        _comparator(tmp_path / "nowhere")


def _comparator(program: Path) -> Comparator:
    return Comparator(program, Path("x.gguf"), threads=1, reading_threads=1, context=512, ubatch=128, repack=False)


def test_a_text_is_cut_to_the_tokens_that_are_wanted(model: Model) -> None:
    for tokens in (40, 700, 5000):
        (count,) = model.count([speed.filling(model, tokens=tokens)])
        assert 0.9 * tokens <= count <= tokens


def test_embeddings_are_looked_up_and_everything_else_is_read(file: Path) -> None:
    header = gguf_header.read(file)
    work = speed.work_of(header)
    sizes = {tensor.name: tensor for tensor in header.tensors}
    embeddings, output = sizes["token_embd.weight"], sizes["output.weight"]
    assert work.octets == header.weights_size - embeddings.size
    assert work.operations == 2 * (header.parameters - embeddings.elements - output.elements)
    tied = replace(header, tensors=tuple(t for t in header.tensors if t.name != "output.weight"))
    assert speed.work_of(tied).octets == tied.weights_size


def test_the_machine_has_figures_and_the_better_of_two_counts() -> None:
    found = machine.measured(octets=1 << 16, side=16, rounds=1)
    assert found.bandwidth > 0 and found.peak > 0
    assert machine.better(Machine(1.0, 9.0), Machine(2.0, 3.0)) == Machine(2.0, 9.0)


# -- quantizations ----------------------------------------------------------------------------------------------------


def quantization(name: str, *, octets: int, rate: float, kl: float | None, fits: bool = True) -> Quantization:
    speeds = Speeds(threads=1, reading_threads=1, prefill_tokens_per_second=1.0, decode_tokens_per_second=rate)
    return Quantization(name, name, octets, octets, speeds, fits, 10.0, kl)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ([], None),
        ([("Q8_0", 8, 5.0, None, True), ("Q4_K_M", 4, 9.0, 0.03, True)], "Q4_K_M"),
        ([("Q8_0", 8, 5.0, None, True), ("Q4_K_M", 4, 9.0, 0.3, True)], "Q8_0"),
        ([("Q8_0", 8, 5.0, None, False), ("Q4_K_M", 4, 9.0, 0.03, True)], "Q4_K_M"),
        ([("Q8_0", 8, 8.8, None, True), ("Q4_K_M", 4, 9.0, 0.03, True)], "Q8_0"),
        ([("Q8_0", 8, 5.0, None, False), ("Q4_K_M", 4, 9.0, 0.3, False)], "Q4_K_M"),
    ],
)
def test_the_fastest_that_fits_and_lost_little_is_recommended(
    found: list[tuple[object, ...]], name: str | None
) -> None:
    listed = [quantization(str(n), octets=o, rate=r, kl=k, fits=f) for n, o, r, k, f in found]  # type: ignore[arg-type]
    assert quantizations.recommended(listed) == name


def test_installed_quantizations_of_one_model_are_compared(tmp_path: Path, file: Path, base: KnowledgeBase) -> None:
    store = Store(paths.models())
    for type_, name in ((gguf.GGMLQuantizationType.F32, "large"), (gguf.GGMLQuantizationType.Q8_0, "small")):
        list(store.add(_as_type(file, tmp_path / f"{name}.gguf", type_), stop=never))
    chosen = language_models.choose("small")
    assert chosen is not None
    assert [one.name for one in quantizations.siblings(chosen)] == ["large", "small"]
    *_, last = measure(chosen, base=base, question=QUESTION, context=8192, extent=SMALL, stop=never)
    assert isinstance(last, Measured)
    large, small = last.report.quantizations
    assert (large.name, large.mean_kl, small.name) == ("large", None, "small")
    assert small.mean_kl is not None and 0 < small.mean_kl < 0.01
    assert large.perplexity is not None and small.perplexity == pytest.approx(large.perplexity, rel=0.05)
    assert last.report.recommended in ("large", "small")
    assert set(settings.load().speeds) == {model.sha256 for model in store.models()}


def _as_type(source: Path, target: Path, kind: gguf.GGMLQuantizationType) -> Path:
    """Write a model again with its matrices in another type."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "qwen2")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        item = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=item)
    writer.add_file_type({gguf.GGMLQuantizationType.F32: 0, gguf.GGMLQuantizationType.Q8_0: 7}[kind])
    for tensor in reader.tensors:
        data = np.array(tensor.data)
        if kind is not gguf.GGMLQuantizationType.F32 and data.ndim == 2:
            writer.add_tensor(tensor.name, gguf.quantize(data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(tensor.name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


# -- the picture ------------------------------------------------------------------------------------------------------


def test_a_picture_is_well_formed_whatever_the_names_are() -> None:
    groups = [
        Group("первое <слово> & «другое»", [Bar("наивно\x1b[31m", 3.0, "3 с"), Bar("у нас", 0.0, "0 с", strong=True)]),
        Group("ничего", []),
        Group("доля", [Bar("всё", 7.0, "700 %")], full=1.0),
    ]
    root = ET.fromstring(svg('Модель <"&>', "подпись", groups))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert 'Модель <"&>' in texts and "наивно[31m" in texts
    width = float(root.attrib["width"])
    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(bar.attrib["width"]) <= width
