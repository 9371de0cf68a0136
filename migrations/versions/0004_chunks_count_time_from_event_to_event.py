"""Chunks count time from event to event; those that are there stay, and readers know both.

No table changes. The revision keeps an older Rewind from taking the one for the other.
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    # An older Rewind shows what was recorded since with the wrong times.
    pass
