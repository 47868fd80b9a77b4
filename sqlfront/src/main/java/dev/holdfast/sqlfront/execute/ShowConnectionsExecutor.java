package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.system.ExternalConnections;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ShowConnections;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import java.sql.SQLException;
import java.util.List;

/** The list shows no secrets; SHOW CREATE does, since what it prints has to work. */
final class ShowConnectionsExecutor implements StatementExecutor<ShowConnections> {
    private static final List<Column> LIST =
            List.of(Column.text("connection_name"), Column.text("connection_uri"), Column.text("connection_type"));
    private static final List<Column> CREATE = List.of(Column.text("connection_name"), Column.text("create_statement"));

    private final ExternalConnections connections;

    ShowConnectionsExecutor(ExternalConnections connections) {
        this.connections = connections;
    }

    @Override
    public List<Column> columns(ShowConnections statement) {
        return statement.create() ? CREATE : LIST;
    }

    @Override
    public Result execute(ShowConnections statement, Parameters parameters, SessionFacts session, Signals signals) throws SQLException {
        Authorization.requireAdmin(session, "show external connections");
        var entries = statement.name().isPresent()
                ? List.of(connections.named(parameters.text(statement.name().get())))
                : connections.all();
        return Result.rows(
                statement.create() ? "SHOW CREATE EXTERNAL CONNECTIONS" : "SHOW EXTERNAL CONNECTIONS",
                entries.stream().map(entry -> statement.create() ? created(entry) : listed(entry)).toList());
    }

    private static Object[] listed(ExternalConnections.Entry entry) {
        return new Object[] {entry.name(), entry.uri().toString(), entry.type().name()};
    }

    private static Object[] created(ExternalConnections.Entry entry) {
        return new Object[] {
            entry.name(),
            "CREATE EXTERNAL CONNECTION " + StatementFormatter.literal(entry.name()) + " AS "
                    + StatementFormatter.literal(entry.uri().toSecretString())
        };
    }
}
