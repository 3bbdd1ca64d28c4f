"""Remember whose results are, and what is set in servers and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    """Add the author's column and the table of preferences."""
    op.add_column("results", sa.Column("author_id", sa.BigInteger))
    op.create_index("ix_results_author_id", "results", ["author_id"])
    op.create_table(
        "preferences",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
    )
    op.create_index("ix_preferences_guild_id", "preferences", ["guild_id"])
