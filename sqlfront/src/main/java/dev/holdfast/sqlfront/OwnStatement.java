package dev.holdfast.sqlfront;

import dev.holdfast.sqlfront.execute.Execution;
import dev.holdfast.sqlfront.execute.Parameters;
import dev.holdfast.sqlfront.execute.SessionFacts;
import dev.holdfast.sqlfront.execute.SessionQuery;
import dev.holdfast.sqlfront.execute.Signals;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.ColumnType;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A statement of ours, parsed and ready to be described and executed any number of times. */
public final class OwnStatement {
    private final Statement statement;
    private final List<ColumnType> parameterTypes;
    private final Execution execution;
    private final List<Column> columns;
    private final int jobQueryAt;

    /** {@code jobQueryAt}: how many characters of the client's text precede the query in the statement, if it has one. */
    OwnStatement(Statement statement, List<ColumnType> parameterTypes, Execution execution, int jobQueryAt) {
        this.statement = statement;
        this.parameterTypes = parameterTypes;
        this.execution = execution;
        this.columns = execution.columns();
        this.jobQueryAt = jobQueryAt;
    }

    /** For statistics: the name of the statement's record, for example ShowJobs. */
    public String kind() {
        return statement.getClass().getSimpleName();
    }

    /** Empty: the statement returns no rows. */
    public List<Column> columns() {
        return columns;
    }

    public List<ColumnType> parameterTypes() {
        return parameterTypes;
    }

    /** What stands for the statement in the upstream; its row goes to {@link SessionQuery#read}. */
    public String sessionQuery() {
        return SessionQuery.of(statement, execution.needsTransaction(), jobQueryAt);
    }

    /** Whether the placeholders are those of a query inside the statement, which the upstream binds. */
    public boolean upstreamBinds() {
        return SessionQuery.jobQuery(statement).isPresent();
    }

    public Result execute(Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException {
        return execution.execute(parameters, session, signals);
    }
}
