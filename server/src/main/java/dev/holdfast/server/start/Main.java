package dev.holdfast.server.start;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.server.demo.DemoCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "holdfast",
        mixinStandardHelpOptions = true,
        version = "holdfast ${bundle.version:-0.1.0}",
        description = "Backup, restore and time travel in front of PostgreSQL.",
        subcommands = {StartCommand.class, DemoCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    public static void main(String[] arguments) {
        // Before TLS is used for the first time: handshakes are work that a client could ask for without end.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        int code = new CommandLine(new Main())
                .setExecutionExceptionHandler((e, commandLine, parsed) -> report(e, commandLine.getErr()))
                .execute(arguments);
        System.exit(code);
    }

    /** One line that says what is wrong; a trace only for what is a defect of ours. */
    private static int report(Exception e, PrintWriter err) {
        if (e instanceof HoldfastException known) {
            err.println("holdfast: " + known.getMessage() + known.hint().map(hint -> " (" + hint + ")").orElse(""));
        } else if (e instanceof java.io.IOException || e instanceof java.sql.SQLException) {
            err.println("holdfast: " + e.getMessage());
        } else {
            err.println("holdfast: internal error");
            e.printStackTrace(err);
        }
        return 1;
    }
}
