package dev.holdfast.sqlfront.execute;

import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * Carries out one kind of statement. All have the same beats: authorise, resolve, act or create a job, describe the result.
 *
 * @param <S> the statement's record
 */
interface StatementExecutor<S extends Statement> {
    /** The columns of the result, known without executing: Describe and Execute share them. Empty: no rows at all. */
    List<Column> columns(S statement);

    /** Whether the statement begins something when the user's transaction commits, and so needs to know which one that is. */
    default boolean needsTransaction(S statement) {
        return false;
    }

    Result execute(S statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException;
}
