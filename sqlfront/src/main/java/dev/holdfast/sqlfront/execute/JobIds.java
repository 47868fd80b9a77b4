package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobId;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.sqlfront.statement.Statement.JobSelection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Which jobs a statement means. */
final class JobIds {
    private JobIds() {}

    static List<JobId> of(JobSelection selection, Parameters parameters, SessionFacts session, JobRegistry jobs)
            throws SQLException {
        return switch (selection) {
            case JobSelection.One one -> List.of(parse(parameters.text(one.id())));
            case JobSelection.OfQuery query ->
                session.jobIds().stream().filter(Objects::nonNull).map(JobId::new).toList();
            case JobSelection.OfType type -> jobs.unfinished(type(type.type()));
            case JobSelection.Recent recent -> throw new IllegalArgumentException("the list form has no ids");
        };
    }

    private static JobId parse(String text) {
        try {
            return new JobId(Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bigint: \"" + text + "\"");
        }
    }

    private static JobType type(String name) {
        try {
            return JobType.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "unsupported job type: \"" + name + "\"")
                    .withHint("The types are backup and restore.");
        }
    }
}
