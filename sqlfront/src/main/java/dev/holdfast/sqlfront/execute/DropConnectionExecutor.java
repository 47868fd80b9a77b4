package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.system.ExternalConnections;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.DropConnection;
import java.sql.SQLException;
import java.util.List;

final class DropConnectionExecutor implements StatementExecutor<DropConnection> {
    private final ExternalConnections connections;

    DropConnectionExecutor(ExternalConnections connections) {
        this.connections = connections;
    }

    @Override
    public List<Column> columns(DropConnection statement) {
        return List.of();
    }

    @Override
    public Result execute(DropConnection statement, Parameters parameters, SessionFacts session, Signals signals) throws SQLException {
        Authorization.requireAdmin(session, "drop external connections");
        TransactionRules.requireAlone(session, "DROP EXTERNAL CONNECTION cannot be used inside a multi-statement transaction");
        connections.drop(parameters.text(statement.name()));
        return Result.tag("DROP EXTERNAL CONNECTION");
    }
}
