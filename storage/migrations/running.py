"""Running migrations from code, all in one transaction: a killed upgrade leaves the old schema."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from storage.locks import hold_schema

_LOCATION = "storage:migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision, from nothing if need be. Repeatable."""
    with engine.begin() as connection:
        hold_schema(connection)
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def configuration() -> Config:
    """What Alembic needs to find the migrations, wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", _LOCATION)
    config.set_main_option("path_separator", "os")
    return config
