"""Chunks refer to nodes that lie earlier in them; those that are there stay, and readers know both.

No table changes. The revision keeps an older Rewind from taking the one for the other.
"""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    # An older Rewind shows what was recorded since without the values that are referred to.
    pass
