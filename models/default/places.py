"""Where the pipeline finds and leaves its files: one folder for work, never inside the repository."""

import os
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
WORK = Path(os.environ.get("INNERSPACE_MODEL_WORK", Path.home() / ".cache" / "innerspace-default-model"))
DOWNLOADS = WORK / "downloads"
RAW = WORK / "raw"
FEATURES = WORK / "features"
RUNS = WORK / "runs"
EXPORT = WORK / "export"
EVALUATION_SET = HERE / "evaluation_set.json"
EMBEDDED = REPOSITORY / "python" / "innerspace" / "models" / "embedded"
