package dev.holdfast.sqlfront.execute;

import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A statement together with the executor of its kind. */
public interface Execution {
    List<Column> columns();

    boolean needsTransaction();

    Result execute(Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException, IOException, InterruptedException;

    static <S extends Statement> Execution of(StatementExecutor<S> executor, S statement) {
        return new Execution() {
            @Override
            public List<Column> columns() {
                return executor.columns(statement);
            }

            @Override
            public boolean needsTransaction() {
                return executor.needsTransaction(statement);
            }

            @Override
            public Result execute(Parameters parameters, SessionFacts session, Signals signals)
                    throws SQLException, IOException, InterruptedException {
                return executor.execute(statement, parameters, session, signals);
            }
        };
    }
}
