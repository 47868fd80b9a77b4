package dev.holdfast.sqlfront.statement;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.grammar.HoldfastParser;
import dev.holdfast.sqlfront.grammar.HoldfastParserBaseVisitor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.Interval;

/** Builds the records of {@link Statement} from the parse tree, one method per grammar rule. */
final class StatementBuilder extends HoldfastParserBaseVisitor<Statement> {
    private static final Set<String> QUERY_STARTS = Set.of("SELECT", "VALUES", "TABLE", "WITH", "(");

    private final CharStream characters;

    StatementBuilder(CharStream characters) {
        this.characters = characters;
    }

    @Override
    public Statement visitSingle(HoldfastParser.SingleContext context) {
        return visit(context.statement());
    }

    @Override
    public Statement visitBackup(HoldfastParser.BackupContext context) {
        return new Statement.Backup(
                targets(context.targets()), destination(context.destination()), asOf(context.asOf()), options(context.withOptions()));
    }

    @Override
    public Statement visitRestore(HoldfastParser.RestoreContext context) {
        return new Statement.Restore(
                targets(context.targets()),
                text(context.text()),
                uris(context.uris()),
                asOf(context.asOf()),
                options(context.withOptions()));
    }

    @Override
    public Statement visitRestoreHistory(HoldfastParser.RestoreHistoryContext context) {
        return new Statement.RestoreHistory(
                targets(context.targets()),
                Optional.ofNullable(context.tablePattern()).map(StatementBuilder::pattern),
                asOf(context.asOf()).orElseThrow(),
                options(context.withOptions()));
    }

    @Override
    public Statement visitShowBackups(HoldfastParser.ShowBackupsContext context) {
        return new Statement.ShowBackups(uris(context.uris()), options(context.withOptions()));
    }

    @Override
    public Statement visitShowBackupDefault(HoldfastParser.ShowBackupDefaultContext context) {
        return new Statement.ShowBackup(
                Statement.Detail.DEFAULT, text(context.text()), uris(context.uris()), options(context.withOptions()));
    }

    @Override
    public Statement visitShowBackupSchemas(HoldfastParser.ShowBackupSchemasContext context) {
        return new Statement.ShowBackup(
                Statement.Detail.SCHEMAS, text(context.text()), uris(context.uris()), options(context.withOptions()));
    }

    @Override
    public Statement visitShowBackupValidate(HoldfastParser.ShowBackupValidateContext context) {
        return new Statement.ShowBackup(
                Statement.Detail.VALIDATE, text(context.text()), uris(context.uris()), options(context.withOptions()));
    }

    @Override
    public Statement visitAlterBackup(HoldfastParser.AlterBackupContext context) {
        return new Statement.AlterBackup(
                text(context.text(0)),
                context.IN() == null ? Optional.empty() : Optional.of(text(context.text(1))),
                context.addKms().stream()
                        .map(add -> new Statement.KmsAddition(uris(add.uris(0)), uris(add.uris(1))))
                        .toList());
    }

    @Override
    public Statement visitCreateConnection(HoldfastParser.CreateConnectionContext context) {
        return new Statement.CreateConnection(text(context.text(0)), text(context.text(1)), context.EXISTS() != null);
    }

    @Override
    public Statement visitDropConnection(HoldfastParser.DropConnectionContext context) {
        return new Statement.DropConnection(text(context.text()));
    }

    @Override
    public Statement visitShowAllConnections(HoldfastParser.ShowAllConnectionsContext context) {
        return new Statement.ShowConnections(Optional.empty(), context.CREATE() != null);
    }

    @Override
    public Statement visitShowOneConnection(HoldfastParser.ShowOneConnectionContext context) {
        return new Statement.ShowConnections(Optional.of(text(context.text())), context.CREATE() != null);
    }

    @Override
    public Statement visitShowJobList(HoldfastParser.ShowJobListContext context) {
        return new Statement.ShowJobs(new Statement.JobSelection.Recent(context.AUTOMATIC() != null), false);
    }

    @Override
    public Statement visitShowJobsOfQuery(HoldfastParser.ShowJobsOfQueryContext context) {
        return new Statement.ShowJobs(query(context.query()), context.COMPLETE() != null);
    }

    @Override
    public Statement visitShowOneJob(HoldfastParser.ShowOneJobContext context) {
        return new Statement.ShowJobs(jobId(context.jobId()), context.COMPLETE() != null);
    }

    @Override
    public Statement visitControlOneJob(HoldfastParser.ControlOneJobContext context) {
        return new Statement.ControlJobs(command(context.jobCommand()), jobId(context.jobId()), reason(context.withReason()));
    }

    @Override
    public Statement visitControlJobsOfQuery(HoldfastParser.ControlJobsOfQueryContext context) {
        return new Statement.ControlJobs(command(context.jobCommand()), query(context.query()), reason(context.withReason()));
    }

    @Override
    public Statement visitControlAllJobs(HoldfastParser.ControlAllJobsContext context) {
        return new Statement.ControlJobs(
                command(context.jobCommand()), new Statement.JobSelection.OfType(word(context.word())), Optional.empty());
    }

    @Override
    public Statement visitSetClusterSetting(HoldfastParser.SetClusterSettingContext context) {
        return new Statement.SetClusterSetting(settingName(context.settingName()), settingValue(context.settingValue()));
    }

    @Override
    public Statement visitResetClusterSetting(HoldfastParser.ResetClusterSettingContext context) {
        return new Statement.SetClusterSetting(settingName(context.settingName()), Optional.empty());
    }

    @Override
    public Statement visitShowOneClusterSetting(HoldfastParser.ShowOneClusterSettingContext context) {
        return new Statement.ShowClusterSetting(settingName(context.settingName()));
    }

    @Override
    public Statement visitShowAllClusterSettings(HoldfastParser.ShowAllClusterSettingsContext context) {
        return new Statement.ShowAllClusterSettings();
    }

    @Override
    public Statement visitConfigureZone(HoldfastParser.ConfigureZoneContext context) {
        return new Statement.ConfigureZone(
                context.name() == null
                        ? new Targets.Tables(List.of(pattern(context.tablePattern())))
                        : new Targets.Databases(List.of(word(context.name().word()))),
                context.zoneOption().stream()
                        .map(option -> new Statement.ZoneOption(
                                settingName(option.settingName()),
                                settingValue(option.settingValue()).orElse(Text.of("default"))))
                        .toList());
    }

    @Override
    public Statement visitShowHistory(HoldfastParser.ShowHistoryContext context) {
        return new Statement.ShowHistory();
    }

    private static Targets targets(HoldfastParser.TargetsContext context) {
        return switch (context) {
            case null -> new Targets.Cluster();
            case HoldfastParser.DatabaseTargetsContext databases ->
                new Targets.Databases(databases.name().stream().map(name -> word(name.word())).toList());
            case HoldfastParser.TableTargetsContext tables ->
                new Targets.Tables(tables.tablePattern().stream().map(StatementBuilder::pattern).toList());
            default -> throw unknown(context);
        };
    }

    private static Targets.TablePattern pattern(HoldfastParser.TablePatternContext context) {
        var names = context.name().stream().map(name -> word(name.word())).toList();
        return context.STAR() != null
                ? new Targets.TablePattern(names, Optional.empty())
                : new Targets.TablePattern(names.subList(0, names.size() - 1), Optional.of(names.getLast()));
    }

    private static Statement.Destination destination(HoldfastParser.DestinationContext context) {
        return switch (context) {
            case HoldfastParser.IntoLatestContext latest -> new Statement.Destination.Latest(uris(latest.uris()));
            case HoldfastParser.IntoSubdirectoryContext sub ->
                new Statement.Destination.Subdirectory(quotedText(sub.quotedText()), uris(sub.uris()));
            case HoldfastParser.IntoCollectionContext collection ->
                new Statement.Destination.Collection(uris(collection.uris()));
            default -> throw unknown(context);
        };
    }

    private static Optional<Expression> asOf(HoldfastParser.AsOfContext context) {
        return context == null ? Optional.empty() : Optional.of(expression(context.expression()));
    }

    private static Expression expression(HoldfastParser.ExpressionContext context) {
        return switch (context) {
            case HoldfastParser.NestedExpressionContext nested -> expression(nested.expression());
            case HoldfastParser.IntervalExpressionContext interval -> new Expression.Interval(string(interval.string()));
            case HoldfastParser.NumberExpressionContext number -> new Expression.Number(number(number.number()));
            case HoldfastParser.CallExpressionContext call ->
                new Expression.Call(
                        word(call.word()), call.expression().stream().map(StatementBuilder::expression).toList());
            case HoldfastParser.TextExpressionContext text -> new Expression.OfText(text(text.text()));
            default -> throw unknown(context);
        };
    }

    private static List<Option> options(HoldfastParser.WithOptionsContext context) {
        return context == null ? List.of() : context.option().stream().map(StatementBuilder::option).toList();
    }

    private static Option option(HoldfastParser.OptionContext context) {
        var name = context.string() != null
                ? string(context.string())
                : context.word().stream().map(StatementBuilder::word).collect(Collectors.joining(" "));
        return new Option(
                name, Optional.ofNullable(context.optionValue()).map(StatementBuilder::value), context.start.getStartIndex() + 1);
    }

    private static Option.Value value(HoldfastParser.OptionValueContext context) {
        return switch (context) {
            case HoldfastParser.OptionTrueContext flag -> new Option.Value.Flag(true);
            case HoldfastParser.OptionFalseContext flag -> new Option.Value.Flag(false);
            case HoldfastParser.OptionNumberContext number -> new Option.Value.Number(number(number.number()));
            case HoldfastParser.OptionTextContext text -> new Option.Value.Single(text(text.text()));
            case HoldfastParser.OptionTextListContext list ->
                list.text().size() == 1
                        ? new Option.Value.Single(text(list.text().getFirst()))
                        : new Option.Value.Many(list.text().stream().map(StatementBuilder::text).toList());
            default -> throw unknown(context);
        };
    }

    private Statement.JobSelection jobId(HoldfastParser.JobIdContext context) {
        if (context.query() != null) {
            return query(context.query());
        }
        if (context.number() != null) {
            return new Statement.JobSelection.One(Text.of(number(context.number())));
        }
        return new Statement.JobSelection.One(
                context.string() != null ? Text.of(string(context.string())) : placeholder(context.placeholder()));
    }

    /** The query's text as it was typed: it is the upstream's to understand. */
    private Statement.JobSelection query(HoldfastParser.QueryContext context) {
        var first = context.start;
        if (!QUERY_STARTS.contains(first.getText().toUpperCase(Locale.ROOT))) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "syntax error at or near \"" + first.getText() + "\"")
                    .at(first.getStartIndex() + 1);
        }
        return new Statement.JobSelection.OfQuery(
                characters.getText(Interval.of(context.start.getStartIndex(), context.stop.getStopIndex())));
    }

    private static Statement.JobCommand command(HoldfastParser.JobCommandContext context) {
        return Statement.JobCommand.valueOf(context.getText().toUpperCase(Locale.ROOT));
    }

    private static Optional<Text> reason(HoldfastParser.WithReasonContext context) {
        return context == null ? Optional.empty() : Optional.of(text(context.text()));
    }

    private static String settingName(HoldfastParser.SettingNameContext context) {
        return context.word().stream().map(StatementBuilder::word).collect(Collectors.joining("."));
    }

    private static Optional<Text> settingValue(HoldfastParser.SettingValueContext context) {
        if (context.DEFAULT() != null) {
            return Optional.empty();
        }
        if (context.string() != null) {
            return Optional.of(Text.of(string(context.string())));
        }
        if (context.placeholder() != null) {
            return Optional.of(placeholder(context.placeholder()));
        }
        if (context.word() != null) {
            return Optional.of(Text.of(word(context.word())));
        }
        return Optional.of(Text.of(
                context.number() != null ? number(context.number()) : context.getText().toLowerCase(Locale.ROOT)));
    }

    private static List<Text> uris(HoldfastParser.UrisContext context) {
        return context.text().stream().map(StatementBuilder::text).toList();
    }

    private static Text text(HoldfastParser.TextContext context) {
        if (context.string() != null) {
            return Text.of(string(context.string()));
        }
        return context.placeholder() != null ? placeholder(context.placeholder()) : Text.of(word(context.word()));
    }

    private static Text quotedText(HoldfastParser.QuotedTextContext context) {
        return context.string() != null ? Text.of(string(context.string())) : placeholder(context.placeholder());
    }

    private static Text placeholder(HoldfastParser.PlaceholderContext context) {
        return new Text.Placeholder(placeholderNumber(context.start));
    }

    static int placeholderNumber(Token token) {
        try {
            int number = Integer.parseInt(token.getText().substring(1));
            if (number >= 1 && number <= 65535) {
                return number;
            }
        } catch (NumberFormatException tooLarge) {
            // Falls through to the same answer as every other number that is none of a parameter.
        }
        throw HoldfastException.of(SqlState.UNDEFINED_PARAMETER, "there is no parameter " + token.getText())
                .at(token.getStartIndex() + 1);
    }

    private static String number(HoldfastParser.NumberContext context) {
        return context.getText();
    }

    private static String string(HoldfastParser.StringContext context) {
        var token = context.start.getText();
        if (context.DOLLAR_STRING() != null) {
            return token.substring(2, token.length() - 2);
        }
        if (context.ESCAPE_STRING() != null) {
            return EscapeStrings.decode(token.substring(2, token.length() - 1), context.start.getStartIndex() + 1);
        }
        return token.substring(1, token.length() - 1).replace("''", "'");
    }

    /** Unquoted words fold to lower case, in ASCII alone, as PostgreSQL does it. */
    private static String word(HoldfastParser.WordContext context) {
        var token = context.start.getText();
        if (context.QUOTED_WORD() != null) {
            var name = token.substring(1, token.length() - 1).replace("\"\"", "\"");
            if (name.isEmpty()) {
                throw HoldfastException.of(SqlState.SYNTAX_ERROR, "zero-length delimited identifier at or near \"\"\"\"")
                        .at(context.start.getStartIndex() + 1);
            }
            return name;
        }
        var folded = new StringBuilder(token);
        for (int i = 0; i < folded.length(); i++) {
            char c = folded.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                folded.setCharAt(i, (char) (c + 32));
            }
        }
        return folded.toString();
    }

    private static IllegalStateException unknown(ParserRuleContext context) {
        return new IllegalStateException("the grammar has grown: " + context.getClass().getSimpleName());
    }
}
