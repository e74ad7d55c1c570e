"""Subtitles."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.blocks import BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Moment
from kb.readers import read


def document(folder: Path, text: str, name: str = "ролик.srt", codec: str = "utf-8") -> ReadDocument:
    path = folder / name
    path.write_bytes(text.encode(codec))
    return read(path)


def seen(found: ReadDocument) -> list[tuple[str, str, object]]:
    return [(block.speaker, block.text, block.place) for block in found.blocks]


def cues(*lines: tuple[float, float, str]) -> str:
    def clock(seconds: float) -> str:
        return f"00:{int(seconds) // 60:02d}:{int(seconds) % 60:02d},{round(seconds % 1 * 1000):03d}"

    return "\n".join(
        f"{number}\n{clock(start)} --> {clock(stop)}\n{text}\n" for number, (start, stop, text) in enumerate(lines, 1)
    )


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "utf-16"])
def test_cues_are_joined_to_sentences_and_keep_their_moments(tmp_path: Path, codec: str) -> None:
    found = document(
        tmp_path,
        cues((1, 2, "Удерживайте <i>кнопку</i>"), (2.1, 4, "десять секунд."), (4.2, 5, "Готово.")),
        codec=codec,
    )

    assert seen(found) == [
        ("", "Удерживайте кнопку десять секунд.", Moment("00:00:01")),
        ("", "Готово.", Moment("00:00:04")),
    ]
    assert found.blocks[0].marks == ((len("Удерживайте кнопку "), Moment("00:00:02")),)
    assert (found.blocks[0].start, found.blocks[0].stop) == (1.0, 4.0)
    assert {block.kind for block in found.blocks} == {BlockKind.TURN}


def test_a_pause_ends_a_turn(tmp_path: Path) -> None:
    found = document(tmp_path, cues((1, 2, "и вот тогда"), (9, 10, "мы поехали")))

    assert [text for _, text, _ in seen(found)] == ["и вот тогда", "мы поехали"]


def test_a_speaker_speaks_until_another_does(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        cues((1, 2, "Анна: Добрый день."), (2.1, 3, "Начнём."), (3.2, 4, "Борис: Да."), (4.1, 5, "- Так.\n- Нет.")),
    )

    assert [(speaker, text) for speaker, text, _ in seen(found)] == [
        ("Анна", "Добрый день. Начнём."),
        ("Борис", "Да."),
        ("", "Так."),
        ("", "Нет."),
    ]


def test_voices_of_webvtt(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "WEBVTT\n\nNOTE заметка\n\n00:01.000 --> 00:02.000 align:start\n<v Анна Петрова>Добрый <c.a>день</c>.\n\n"
        "01:00:00.000 --> 01:00:01.000\n<v Борис>Здравствуйте.\n",
        "ролик.vtt",
    )

    assert seen(found) == [
        ("Анна Петрова", "Добрый день.", Moment("00:00:01")),
        ("Борис", "Здравствуйте.", Moment("01:00:00")),
    ]


def test_repeated_captions_are_shown_once(tmp_path: Path) -> None:
    found = document(tmp_path, cues((1, 2, "одно и то же"), (2, 3, "одно и то же"), (3, 4, "другое")))

    assert [text for _, text, _ in seen(found)] == ["одно и то же другое"]


@pytest.mark.parametrize("name", ["ролик.srt", "ролик.vtt"])
def test_a_file_without_cues(tmp_path: Path, name: str) -> None:
    with pytest.raises(Broken):
        document(tmp_path, "просто текст\n", name)
