"""Remember the rounds, the votes and the scores of the guessing game."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Add the three tables."""
    op.create_table(
        "quiz_rounds",
        sa.Column("id", sa.String(10), primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("going", sa.String(20), unique=True),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("tune", sa.String(32), nullable=False),
        sa.Column("real", sa.String(1), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("opened", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False),
        sa.Column("votes", sa.Integer, nullable=False),
        sa.Column("right", sa.Integer, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    op.create_index("ix_quiz_rounds_channel_id", "quiz_rounds", ["channel_id"])
    op.create_index("ix_quiz_rounds_opened", "quiz_rounds", ["opened"])
    op.create_table(
        "quiz_votes",
        sa.Column("round_id", sa.String(10), primary_key=True),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("choice", sa.String(1), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "quiz_tallies",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("votes", sa.Integer, nullable=False),
        sa.Column("right", sa.Integer, nullable=False),
    )
    op.create_index("ix_quiz_tallies_member_id", "quiz_tallies", ["member_id"])
