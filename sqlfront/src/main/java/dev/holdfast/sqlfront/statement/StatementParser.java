package dev.holdfast.sqlfront.statement;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.grammar.HoldfastLexer;
import dev.holdfast.sqlfront.grammar.HoldfastParser;
import java.util.SortedSet;
import java.util.TreeSet;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;

/** Text of one own statement to its record. Errors are PostgreSQL's syntax errors: 42601 with the position of the token. */
public final class StatementParser {
    private StatementParser() {}

    /**
     * @param placeholders the numbers of the placeholders in it, ascending; those inside a job query are among them
     */
    public record Parsed(Statement statement, SortedSet<Integer> placeholders) {}

    public static Statement parse(String sql) {
        return parseWithPlaceholders(sql).statement();
    }

    public static Parsed parseWithPlaceholders(String sql) {
        var characters = CharStreams.fromString(sql);
        var lexer = new HoldfastLexer(characters);
        lexer.removeErrorListeners();
        lexer.addErrorListener(new SyntaxErrors());
        var tokens = new CommonTokenStream(lexer);
        var parser = new HoldfastParser(tokens);
        parser.removeErrorListeners();
        parser.addErrorListener(new SyntaxErrors());
        var statement = new StatementBuilder(characters).visitSingle(parser.single());
        var placeholders = new TreeSet<Integer>();
        for (var token : tokens.getTokens()) {
            if (token.getType() == HoldfastLexer.PLACEHOLDER) {
                placeholders.add(StatementBuilder.placeholderNumber(token));
            }
        }
        return new Parsed(statement, placeholders);
    }

    /** Reports the first error; nothing is recovered from. */
    private static final class SyntaxErrors extends BaseErrorListener {
        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer, Object symbol, int line, int column, String message, RecognitionException e) {
            if (symbol instanceof Token token) {
                throw at(token);
            }
            // The lexer has a rule for every character; only an unterminated quote brings it here, and OTHER takes that.
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "syntax error");
        }
    }

    private static HoldfastException at(Token token) {
        if (token.getType() == Token.EOF) {
            return HoldfastException.of(SqlState.SYNTAX_ERROR, "syntax error at end of input").at(token.getStartIndex() + 1);
        }
        var unterminated =
                switch (token.getText()) {
                    case "'" -> "unterminated quoted string";
                    case "\"" -> "unterminated quoted identifier";
                    default -> "syntax error";
                };
        return HoldfastException.of(SqlState.SYNTAX_ERROR, unterminated + " at or near \"" + token.getText() + "\"")
                .at(token.getStartIndex() + 1);
    }
}
