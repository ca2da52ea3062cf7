"""What the launcher of the Flex Template starts (FLEX_TEMPLATE_PYTHON_PY_FILE)."""

import sys

from pipeline.template import launch

sys.exit(launch())
