package dev.holdfast.engine.job;

/** What a finished BACKUP or RESTORE reports to whoever waits for it. */
public record JobResult(long rows, long indexEntries, long bytes) {}
