package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ShowBackups;
import java.io.IOException;
import java.util.List;
import java.util.Set;

final class ShowBackupsExecutor implements StatementExecutor<ShowBackups> {
    private final Storages storages;

    ShowBackupsExecutor(Storages storages) {
        this.storages = storages;
    }

    @Override
    public List<Column> columns(ShowBackups statement) {
        Options.check("SHOW BACKUPS", statement.options(), Set.of());
        return List.of(Column.text("path"));
    }

    /** Of several URIs the first one is the collection; the others hold parts of it. */
    @Override
    public Result execute(ShowBackups statement, Parameters parameters, SessionFacts session, Signals signals) throws IOException {
        Authorization.requireAdmin(session, "show backups");
        try (var storage = storages.open(storages.bind(parameters.text(statement.uris().getFirst()), session.user()))) {
            return Result.rows(
                    "SHOW BACKUPS",
                    new Collection(storage).fulls().stream().map(path -> new Object[] {path.value()}).toList());
        }
    }
}
