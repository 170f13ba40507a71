"""May this action happen: rules, bundles, plans and approvals; reads facts, never stores."""
