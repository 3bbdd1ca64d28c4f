"""Make the tables of results and facts.

Before there were revisions the tables were made without a trace of their age: what is there is
kept and only what is missing is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Make what is missing."""
    found = sa.inspect(op.get_bind())
    if found.has_table("results"):
        _adopt(op, {column["name"] for column in found.get_columns("results")})
    else:
        op.create_table(
            "results",
            sa.Column("id", sa.String(10), primary_key=True),
            sa.Column("request", sa.JSON, nullable=False),
            sa.Column("file", sa.LargeBinary),
            sa.Column("size", sa.Integer, nullable=False),
            sa.Column("tune", sa.Text, nullable=False),
            sa.Column("created_at", sa.DateTime, nullable=False),
        )
    op.create_index("ix_results_created_at", "results", ["created_at"], if_not_exists=True)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        if_not_exists=True,
    )


def _adopt(op: Operations, columns: set[str]) -> None:
    """Bring results that were made without a revision to this one; no row is lost."""
    if "size" not in columns:
        size = sa.Column("size", sa.Integer, nullable=False, server_default="0")
        op.add_column("results", size)
        op.execute("UPDATE results SET size = length(file) WHERE file IS NOT NULL")
        with op.batch_alter_table("results") as table:
            table.alter_column("size", server_default=None)
    if "message_id" in columns:
        op.drop_index("ix_results_message_id", "results", if_exists=True)
        with op.batch_alter_table("results") as table:
            table.drop_column("message_id")
