"""What is done to models in words of both languages: errands, progress, results, failures, certificates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from engine_material import write_model
from gui_models_material import LAPTOP, install, on
from pulling_material import CHECKPOINT, GGUF

from app.gui.models import errands, shelf, telling
from app.gui.models.errands import Errand, Kind
from app.gui.models.workbench import Ending
from app.gui.words import Words
from app.pulling import Pull
from app.wording import Language
from converter.certificate import Behaviour, Certificate, CheckReport, SourceFile, Verdict
from converter.events import ConversionProgress, Stage
from models import errors
from models.events import ConnectionLost, FileDone, FileProgress, Installed, Work
from models.hub import Hub
from models.pull_plan import PullPlan, RemoteFile
from models.runtime.events import Loading, Speeds

RUSSIAN = Words(Language.RUSSIAN)
SPEEDS = Speeds(threads=2, reading_threads=2, prefill_tokens_per_second=38.4, decode_tokens_per_second=6.23)


@pytest.fixture(params=list(Language))
def words(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


def errand(kind: Kind) -> Errand:
    return Errand(kind, "T-lite", lambda _stop: [])


@pytest.mark.parametrize("kind", Kind)
def test_every_errand_has_a_title_and_an_end(words: Words, kind: Kind) -> None:
    assert "T-lite" in telling.title(words.wording, errand(kind))
    assert telling.ending(words, Ending(errand(kind)))
    assert telling.progress(words.wording, errand(kind), None)


def test_progress_tells_how_much_how_fast_and_how_long() -> None:
    event = FileProgress(Work.DOWNLOADING, "T-lite.gguf", 2 * 1024**3, 4 * 1024**3, 10 * 1024**2, 205.0)
    told = telling.progress(RUSSIAN.wording, errand(Kind.PULL), event).replace("\u00a0", " ")
    assert told == "Скачиваю T-lite.gguf: 2,0 ГБ из 4,0 ГБ · 10,0 МБ/с · осталось 3 мин 25 с"
    assert telling.fraction(event) == 0.5


@pytest.mark.parametrize(
    ("event", "share"),
    [
        (ConversionProgress(Stage.TENSORS, "blk.0", 3, 4, 0, 0, 0.0, None), 0.75),
        (ConversionProgress(Stage.TENSORS, "blk.0", 3, 4, 1, 2, 5.0, 1.0), 0.5),
        (Loading(done=0.25), 0.25),
        (Loading(done=1.0), None),
        (ConnectionLost("T-lite", "the server is busy", 4.0), None),
        (None, None),
    ],
)
def test_every_kind_of_progress_is_told(words: Words, event: object, share: float | None) -> None:
    assert telling.fraction(event) == share
    assert telling.progress(words.wording, errand(Kind.MEASURE), event)


def test_every_result_is_told(words: Words, tmp_path: Path) -> None:
    model = install(write_model(tmp_path / "Малютка.gguf"))
    results = [
        (Kind.ADD, Installed(model), "Малютка"),
        (Kind.ADD, Installed(model, already=True), "Малютка"),
        (Kind.REMOVE, errands.Removed(model), "Малютка"),
        (Kind.REMOVE, errands.Removed(replace(model, linked=True)), str(model.path)),
        (Kind.VERIFY, FileDone(model.path, 1, "ab" * 32), "ab" * 32),
        (Kind.SPLIT, FileDone(tmp_path / "Малютка.gguf", 1, "ab" * 32), str(tmp_path)),
        (Kind.MEASURE, SPEEDS, "38"),
    ]
    for kind, result, part in results:
        assert part in telling.ending(words, Ending(errand(kind), result))


@pytest.mark.parametrize(
    "failure",
    [
        errors.ModelNameTaken("T-lite"),
        errors.NotAGguf(Path("x.gguf"), "a web page"),
        errors.ModelUnsupported(Path("x.gguf"), "an adapter that is not LoRA", "x"),
        errors.ModelChanged("T-lite", Path("x.gguf")),
        errors.ModelNotInstalled("T-lite", ()),
        errors.HubSwitchedOff("HF_HUB_OFFLINE"),
        errors.HubUnreachable("https://huggingface.co", "no answer in time"),
        errors.DownloadCorrupt("x.gguf", "a", "b"),
        errors.ModelStoreBusy(Path("models")),
        OSError(28, "No space left on device"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_failures_are_told_without_a_command_of_the_terminal(words: Words, failure: Exception) -> None:
    told = telling.error(words, failure)
    assert told
    assert "offlite " not in told
    assert "--" not in told


def test_every_reworded_error_is_one_of_the_libraries() -> None:
    import converter.errors

    for name in telling.ERRORS:
        assert hasattr(errors, name) or hasattr(converter.errors, name)


def test_a_certificate_is_told_line_by_line(words: Words, tmp_path: Path) -> None:
    model = install(write_model(tmp_path / "Малютка.gguf"))
    report = CheckReport(Verdict.GOOD, True, True, True, 10, 10, Behaviour(1, 0.0, 0.0, 1.0, 2.0, 2.0))
    made = Certificate(
        offlite="1.0",
        libraries={},
        source="Tiny-it-1.0",
        source_files=(SourceFile("model.safetensors", 1024**3, "cd" * 32),),
        architecture="qwen2",
        parameters=10,
        type="Q8_0",
        file="x.gguf",
        size=1024**2,
        sha256="ab" * 32,
        tensors=(),
        quantizer="lanes",
        probe="equal",
        started="",
        seconds=75.0,
        resumed=0,
        notes=("rounded_to_bf16",),
        check=report,
    )
    rows = telling.certificate(words.wording, model, made)
    said = " ".join(value for _, value in rows)
    assert all(name for name, _ in rows)
    assert "Tiny-it-1.0" in said
    assert "ab" * 32 in said
    assert "Q8_0" in said
    assert len(rows) == 10


def test_before_the_network_host_repository_and_sizes_are_named(words: Words) -> None:
    hub = Hub("https://hub.example")
    for wanted in (GGUF, CHECKPOINT):
        told = "\n".join(telling.connection(words.wording, wanted, endpoint=hub.endpoint, download=15 * 1024**3))
        assert "https://hub.example" in told
        assert "t-tech/Tiny-it-1.0" in told
        assert words.wording.size(15 * 1024**3) in told


@pytest.mark.parametrize("licence", ["apache-2.0", None])
def test_before_the_download_the_plan_is_told(words: Words, licence: str | None) -> None:
    plan = PullPlan("t-tech/Tiny", "f" * 40, (RemoteFile("a.gguf", 1024**3, sha256="ab" * 32),), licence)
    told = "\n".join(telling.plan(words.wording, errands.Looked(Pull(GGUF, plan, Path("x")), Hub("https://x"))))
    assert "t-tech/Tiny" in told
    assert words.wording.size(1024**3) in told
    assert (licence or "") in told


def test_how_a_model_fits_and_how_fast_it_is(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, LAPTOP)
    found = shelf.read()
    for entry in found.offers:
        fit = found.fit(entry, context=4096)
        assert fit is not None
        assert telling.verdict(words.wording, fit)
        assert entry.organisation in telling.offer_facts(words.wording, entry, fit)
        assert telling.expected(words.wording, found, entry, fit)
        assert telling.about(words.wording, found, fit) == ""
        assert telling.slow(words.wording, found, fit.slow) == ""
        assert (telling.missing(fit) > 0) == (fit.verdict.value == "too-large")
    assert "Intel Core i5-8250U" in telling.computer(words.wording, found)


def test_what_to_carry_to_a_computer_without_a_network(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, LAPTOP)
    found = shelf.read()
    entry, source = found.to_carry(context=4096) or pytest.fail("nothing to carry")
    steps = telling.how_to_carry(words.wording, entry, source)
    assert len(steps) == 3
    assert source.repository in steps[0]
    checkpoint = entry.files[0]
    assert checkpoint.repository in telling.how_to_carry(words.wording, entry, checkpoint)[0]
