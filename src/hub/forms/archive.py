"""The archive that a workbook is: its size before anything is unpacked, and the merged cells of a sheet."""

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from hub.problems import BodyTooLarge, MalformedDocument

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_UNPACKED = 512 * 1024 * 1024
"""The most bytes of a workbook, and of all its parts unpacked."""

STEEPEST = 200
"""The most times that a part may be larger than its packed form; what people fill in shrinks to a tenth or so."""

HARMLESS = 4 * 1024 * 1024
"""Parts of at most so many bytes may be packed as tightly as they are."""

MOST_PARTS = 2000
CHUNK = 1024 * 1024

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_MERGED = 200


def checked(file: Path) -> None:
    """Refuse a file that is no workbook, or that is or unpacks to more than is read here.

    Raises `MalformedDocument` or `BodyTooLarge`. What a part declares as its size is the most that is ever read of it.
    """
    if file.stat().st_size > LARGEST_FILE:
        raise BodyTooLarge(f"{file.name} has more than {LARGEST_FILE} bytes.", limit=LARGEST_FILE)
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except BadZipFile:
        raise MalformedDocument(f"{file.name} is no .xlsx workbook.") from None
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
        raise BodyTooLarge(f"{file.name} unpacks to more than {LARGEST_UNPACKED} bytes.", limit=LARGEST_UNPACKED)
    for part in parts:
        if part.file_size > HARMLESS and part.file_size > STEEPEST * part.compress_size:
            raise BodyTooLarge(f"{part.filename} in {file.name} unpacks to {part.file_size} bytes, as a zip bomb does.")


def merged_cells(archive: ZipFile, part: str) -> Iterator[tuple[int, int, int]]:
    """The merged ranges of a sheet: first row, first column and last row, each from 1."""
    rest = b""
    with archive.open(part) as source:
        while chunk := source.read(CHUNK):
            text = rest + chunk
            end = 0
            for found in _MERGED.finditer(text):
                column, row, _, last = found.groups()
                yield int(row), _number(column), int(last)
                end = found.end()
            rest = text[max(end, len(text) - _LONGEST_MERGED) :]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
