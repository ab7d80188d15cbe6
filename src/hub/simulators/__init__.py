"""The national trading platform and the national credit-information platform as servers to try the hub against."""

from hub.simulators.app import create_app
from hub.simulators.server import run

__all__ = ["create_app", "run"]
