"""Where the pipeline finds and leaves its files: one folder for work, never inside the repository."""

import os
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
WORK = Path(os.environ.get("INNERSPACE_MODEL_WORK", Path.home() / ".cache" / "innerspace-default-model"))
DOWNLOADS = WORK / "downloads"
RAW = WORK / "raw"
RUNS = WORK / "runs"
EXPORT = WORK / "export"
TUNED = WORK / "trunk.pt"
EVALUATION_SET = HERE / "evaluation_set.json"
EMBEDDED = REPOSITORY / "python" / "innerspace" / "models" / "embedded"


def features(trunk: str) -> Path:
    """Return the folder of what a trunk, `pretrained` or `tuned`, makes of the pictures."""
    return WORK / "features" / trunk
