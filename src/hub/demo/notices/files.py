"""Reading a file of public notices."""

import json
from pathlib import Path

from hub.problems import Problem


class NotANoticeFile(Problem):
    """The file is not one of public notices."""

    status = 400
    zh = "文件不是公开公告文件"


def load(path: Path) -> list[object]:
    """The items of the file, whatever they are; raises `NotANoticeFile` for a file without a list `items`."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise NotANoticeFile(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise NotANoticeFile(f"{path} is not a JSON document: {error}.") from None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise NotANoticeFile(f'{path} is not of the form {{"source": "…", "items": [ … ]}}.')
    return items
