"""What may be asked for: every entry point of AlphaForge names exactly one action."""

from enum import StrEnum


class Action(StrEnum):
    """The closed list of deeds; an action that no rule permits is denied."""

    # Research: the tools' daily work.
    COMPILE = "compile"
    SEARCH = "search"
    RUN = "run"
    RUN_READ = "run.read"
    CANCEL_RUN = "run.cancel"
    COMPARE = "compare"
    EVAL = "eval"
    REPORT = "report"
    DATA_READ = "data.read"
    DATA_IMPORT = "data.import"
    MEMORY_REBUILD = "memory.rebuild"
    PACK_READ = "pack.read"
    PACK_TRUST = "pack.trust"
    EVALS = "evals"
    # The caller's own files and this machine: fmt, init, doctor, warm, mcp config.
    LOCAL = "local"
    SERVE = "serve"
    DEMO = "demo"
    # From plan to deployment.
    DEPLOY_REQUEST = "deploy.request"
    DEPLOY_READ = "deploy.read"
    DEPLOY_STOP = "deploy.stop"
    APPROVAL_READ = "approval.read"
    WITHDRAW = "approval.withdraw"
    APPROVE = "approval.approve"
    REJECT = "approval.reject"
    REVOKE = "approval.revoke"
    # Human keys.
    KEY_NEW = "key.new"
    KEY_LIST = "key.list"
    KEY_ENROLL = "key.enroll"
    KEY_REVOKE = "key.revoke"
    # Kill switch.
    KILL_READ = "kill.read"
    KILL_SET = "kill.set"
    KILL_CLEAR = "kill.clear"
    # Records and rules.
    AUDIT_READ = "audit.read"
    POLICY_READ = "policy.read"
    POLICY_ACTIVATE = "policy.activate"
    # The gateway process.
    GATEWAY_READ = "gateway.read"
    GATEWAY_START = "gateway.start"
    GATEWAY_RESUME = "gateway.resume"
    GATEWAY_ORDER = "gateway.order"
    GATEWAY_CANCEL = "gateway.cancel"


# These change nothing: their journal entries need no fsync of their own (SAFETY L2 names the rest).
READS = frozenset(
    {
        Action.COMPILE,
        Action.SEARCH,
        Action.RUN_READ,
        Action.COMPARE,
        Action.EVAL,
        Action.REPORT,
        Action.DATA_READ,
        Action.PACK_READ,
        Action.LOCAL,
        Action.DEPLOY_READ,
        Action.APPROVAL_READ,
        Action.KEY_LIST,
        Action.KILL_READ,
        Action.AUDIT_READ,
        Action.POLICY_READ,
        Action.GATEWAY_READ,
    }
)

# These only lower risk: they act even when the journal cannot be written (SAFETY L2).
NEVER_HELD_BACK = frozenset({Action.KILL_SET, Action.GATEWAY_CANCEL})
