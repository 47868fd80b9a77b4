package dev.holdfast.sqlfront;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.execute.Executors;
import dev.holdfast.sqlfront.execute.SessionQuery;
import dev.holdfast.sqlfront.result.ColumnType;
import dev.holdfast.sqlfront.scan.ByteText;
import dev.holdfast.sqlfront.scan.LeadingKeywords;
import dev.holdfast.sqlfront.scan.StatementSplitter;
import dev.holdfast.sqlfront.statement.Statement.ControlJobs;
import dev.holdfast.sqlfront.statement.Statement.JobSelection;
import dev.holdfast.sqlfront.statement.Statement.ShowJobs;
import dev.holdfast.sqlfront.statement.Statement;
import dev.holdfast.sqlfront.statement.StatementParser;
import dev.holdfast.sqlfront.statement.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;

/** From SQL text to statements that can be executed. */
public final class SqlFront {
    private final Executors executors;

    public SqlFront(Executors executors) {
        this.executors = executors;
    }

    /** Routes a text that is one statement (the extended protocol allows no more). */
    public Routing route(String sql) {
        return route(sql, 0);
    }

    /**
     * Cuts the text of a simple query into what goes to the upstream and what is ours. Neighbouring statements of the
     * upstream stay one text, since they are one transaction. A text without a statement of ours comes back whole.
     *
     * <p>What goes to the upstream is preceded by as many blanks as stood before it, so that positions in its errors still
     * point into the text the client has.
     */
    public List<Routing> script(String sql, boolean standardConformingStrings) {
        var parts = new ArrayList<Routing>();
        int relayFrom = -1;
        int relayTo = -1;
        for (var piece : StatementSplitter.split(sql, standardConformingStrings)) {
            var text = new AsciiText(sql);
            if (LeadingKeywords.isBlank(text, piece.start(), piece.end())) {
                continue;
            }
            var routing = LeadingKeywords.isOwn(text, piece.start(), piece.end())
                    ? route(sql.substring(piece.start(), piece.end()), sql.codePointCount(0, piece.start()))
                    : null;
            if (routing == null || routing instanceof Routing.Relay) {
                relayFrom = relayFrom < 0 ? piece.start() : relayFrom;
                relayTo = piece.end();
            } else {
                addRelay(parts, sql, relayFrom, relayTo);
                relayFrom = -1;
                parts.add(routing);
            }
        }
        if (parts.isEmpty()) {
            return List.of(new Routing.Relay(sql));
        }
        addRelay(parts, sql, relayFrom, relayTo);
        return parts;
    }

    private static void addRelay(List<Routing> parts, String sql, int from, int to) {
        if (from >= 0) {
            var text = new StringBuilder(to);
            for (int i = 0; i < from; i++) {
                text.append(sql.charAt(i) == '\n' ? '\n' : ' ');
            }
            parts.add(new Routing.Relay(text.append(sql, from, to).toString()));
        }
    }

    private Routing route(String sql, int offset) {
        if (!LeadingKeywords.isOwn(new AsciiText(sql), 0, sql.length())) {
            return new Routing.Relay(sql);
        }
        try {
            var parsed = StatementParser.parseWithPlaceholders(sql);
            return new Routing.Own(new OwnStatement(
                    parsed.statement(),
                    parameterTypes(parsed),
                    executors.execution(parsed.statement()),
                    offset + jobQueryAt(sql, parsed.statement())));
        } catch (HoldfastException e) {
            return new Routing.Rejected(e.position() > 0 ? e.at(e.position() + offset) : e);
        }
    }

    private static int jobQueryAt(String sql, Statement statement) {
        return SessionQuery.jobQuery(statement)
                .map(query -> sql.codePointCount(0, sql.indexOf(query)))
                .orElse(0);
    }

    private static List<ColumnType> parameterTypes(StatementParser.Parsed parsed) {
        var numbers = parsed.placeholders();
        var type = takesJobId(parsed) ? ColumnType.INT8 : ColumnType.TEXT;
        if (!numbers.isEmpty() && numbers.last() != numbers.size()) {
            throw HoldfastException.of(
                    SqlState.INDETERMINATE_DATATYPE, "could not determine data type of parameter $" + firstMissing(numbers));
        }
        return Collections.nCopies(numbers.size(), type);
    }

    private static boolean takesJobId(StatementParser.Parsed parsed) {
        return switch (parsed.statement()) {
            case ShowJobs(JobSelection.One(Text.Placeholder id), var whenComplete) -> true;
            case ControlJobs(var command, JobSelection.One(Text.Placeholder id), var reason) -> reason.isEmpty();
            default -> false;
        };
    }

    private static int firstMissing(SortedSet<Integer> numbers) {
        int expected = 1;
        for (int number : numbers) {
            if (number != expected) {
                break;
            }
            expected++;
        }
        return expected;
    }

    /** Characters beyond ASCII count as letters, as their bytes do in every encoding. */
    private record AsciiText(String sql) implements ByteText {
        @Override
        public byte at(int index) {
            char c = sql.charAt(index);
            return c < 0x80 ? (byte) c : -1;
        }

        @Override
        public int indexOfSemicolon(int from, int to) {
            int found = sql.indexOf(';', from);
            return found >= 0 && found < to ? found : -1;
        }
    }
}
