"""What was tried and what came of it: experiments, trials, likeness, search, comparison."""

from .experiment import Experiment, ExperimentKind
from .experiments import Experiments
from .filters import Filters
from .trials import TrialCount

__all__ = ["Experiment", "ExperimentKind", "Experiments", "Filters", "TrialCount"]
