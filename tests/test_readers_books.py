"""EPUB and FB2."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import pytest

from kb.blocks import ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Paragraph
from kb.readers import read

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Руководство</dc:title></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two%20.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="gone" href="text/gone.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.jpg" media-type="image/jpeg"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="gone"/><itemref idref="two"/></spine></package>"""


def seen(found: ReadDocument) -> list[tuple[str, str, int]]:
    return [(str(block.kind), block.text, block.level) for block in found.blocks]


def epub(path: Path, **more: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", PACKAGE)
        archive.writestr("OEBPS/nav.xhtml", "<html><body><nav>Оглавление</nav><p>Оглавление</p></body></html>")
        archive.writestr("OEBPS/text/one.xhtml", "<html><body><h1>Глава 1</h1><p>Первая.</p></body></html>")
        archive.writestr("OEBPS/text/two .xhtml", "<html><body><h1>Глава 2</h1><p>Вторая.</p></body></html>")
        for name, text in more.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return path


def test_epub_chapters_follow_the_spine(tmp_path: Path) -> None:
    found = read(epub(tmp_path / "книга.epub"))

    assert found.title == "Руководство"
    assert seen(found) == [
        ("heading", "Глава 1", 1),
        ("paragraph", "Первая.", 0),
        ("heading", "Глава 2", 1),
        ("paragraph", "Вторая.", 0),
    ]
    assert [block.place for block in found.blocks] == [Paragraph(number) for number in range(1, 5)]


@pytest.mark.parametrize(("locked", "error"), [("OEBPS/text/one.xhtml", True), ("OEBPS/fonts/a.otf", False)])
def test_locked_chapters_are_told_from_hidden_fonts(tmp_path: Path, locked: str, error: bool) -> None:
    path = epub(
        tmp_path / "книга.epub",
        **{"META-INF__encryption": f'<encryption><CipherReference URI="{locked}"/></encryption>'},
    )

    if error:
        with pytest.raises(Encrypted):
            read(path)
    else:
        assert read(path).title == "Руководство"


def test_a_zip_that_is_no_epub(tmp_path: Path) -> None:
    path = tmp_path / "обман.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "а")

    with pytest.raises(Broken):
        read(path)


FB2 = f"""<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><book-title>Мёртвые души</book-title></title-info></description>
<body><title><p>Том</p><p>первый</p></title>
<section><title><p>Глава I</p></title><p>В <emphasis>ворота</emphasis> гостиницы<a l:href="#n1" type="note">[1]</a>.</p>
<section><title><p>Подглава</p></title><poem><stanza><v>Стих.</v></stanza></poem><empty-line/>
<subtitle>Раздел</subtitle><table><tr><th>Имя</th><th>Чин</th><th>Душ</th></tr>
<tr><td>Чичиков</td><td>советник</td><td>400</td></tr></table></section></section></body>
<binary id="a">{base64.b64encode(b"picture").decode()}</binary></FictionBook>"""


@pytest.mark.parametrize("zipped", [False, True])
def test_fb2(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / ("книга.fb2.zip" if zipped else "книга.fb2")
    data = FB2.encode("cp1251")
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("book.fb2", data)
    else:
        path.write_bytes(data)

    found = read(path)

    assert found.title == "Мёртвые души"
    assert seen(found) == [
        ("heading", "Том первый", 1),
        ("heading", "Глава I", 1),
        ("paragraph", "В ворота гостиницы.", 0),
        ("heading", "Подглава", 2),
        ("paragraph", "Стих.", 0),
        ("heading", "Раздел", 3),
        ("table_row", "Имя: Чичиков; Чин: советник; Душ: 400", 0),
    ]


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary", encoding="utf-8")
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    path = tmp_path / "атака.fb2"
    path.write_text(
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{lines}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<FictionBook><body><section><p>Текст &l11; и &x; конец</p></section></body></FictionBook>",
        encoding="utf-8",
    )

    text = " ".join(block.text for block in read(path).blocks)

    assert "Текст" in text
    assert "lol" not in text
    assert "canary" not in text


@pytest.mark.parametrize("content", ["просто текст", "<html><body>не книга</body></html>"])
def test_a_file_that_is_no_fb2(tmp_path: Path, content: str) -> None:
    path = tmp_path / "обман.fb2"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(Broken):
        read(path)
