package dev.holdfast.engine.job;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs the same work on several threads of the operating system: it compresses and copies, and would keep the statements of
 * users from the carriers of virtual threads.
 */
public final class Workers {
    private Workers() {}

    @FunctionalInterface
    public interface Work {
        void run() throws SQLException, IOException, InterruptedException;
    }

    /** Returns when all have ended; throws what the first one failed with, the others having been told to stop. */
    public static void run(String name, int count, Work work) throws SQLException, IOException, InterruptedException {
        try (var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name(name + "-", 1).daemon().factory())) {
            var completions = new ExecutorCompletionService<Void>(threads);
            List<Future<Void>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(completions.submit(() -> {
                    work.run();
                    return null;
                }));
            }
            try {
                for (int i = 0; i < count; i++) {
                    completions.take().get();
                }
            } catch (ExecutionException e) {
                futures.forEach(future -> future.cancel(true));
                switch (e.getCause()) {
                    case SQLException cause -> throw cause;
                    case IOException cause -> throw cause;
                    case InterruptedException cause -> throw cause;
                    case RuntimeException cause -> throw cause;
                    case Error cause -> throw cause;
                    default -> throw new IllegalStateException(e.getCause());
                }
            } catch (InterruptedException e) {
                futures.forEach(future -> future.cancel(true));
                throw e;
            }
        }
    }
}
