package dev.holdfast.engine.job;

import java.util.List;

/**
 * What a finished BACKUP or RESTORE reports to whoever waits for it.
 *
 * @param notices what was done otherwise than a user might expect
 */
public record JobResult(long rows, long indexEntries, long bytes, List<String> notices) {}
