"""The rules: one file, one pure function ``decide(request, bundle)``; being here makes it live."""
