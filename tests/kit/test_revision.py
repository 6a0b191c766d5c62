from alembic.script import ScriptDirectory

from app.kit.revision import head
from app.migrate import config


def test_the_revision_read_off_the_names_is_alembic_s_own():
    assert head() == ScriptDirectory.from_config(config()).get_current_head()
