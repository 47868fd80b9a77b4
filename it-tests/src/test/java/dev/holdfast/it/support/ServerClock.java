package dev.holdfast.it.support;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * The clock of one PostgreSQL, which can be set without touching that of the machine: a library that is loaded before all
 * others adds to every reading what stands in a file. Compiled by gcc; tests are skipped where there is none.
 */
public final class ServerClock implements AutoCloseable {
    private static final String SOURCE =
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/mman.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>

            static long long offset(void) {
                static volatile long long *seconds;
                if (!seconds) {
                    int file = open(getenv("SERVER_CLOCK"), O_RDONLY);
                    seconds = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
                    close(file);
                }
                return *seconds;
            }

            int clock_gettime(clockid_t clock, struct timespec *t) {
                static int (*real)(clockid_t, struct timespec *);
                if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
                int result = real(clock, t);
                if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) t->tv_sec += offset();
                return result;
            }

            int gettimeofday(struct timeval *t, void *zone) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                t->tv_sec = now.tv_sec;
                t->tv_usec = now.tv_nsec / 1000;
                return 0;
            }

            time_t time(time_t *t) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                if (t) *t = now.tv_sec;
                return now.tv_sec;
            }
            """;

    private final Path directory;

    private ServerClock(Path directory) {
        this.directory = directory;
    }

    public static ServerClock compile() throws IOException, InterruptedException {
        var compiler = Program.require("gcc");
        var directory = Files.createTempDirectory("server-clock-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        var source = Files.writeString(directory.resolve("clock.c"), SOURCE);
        var outcome = compiler.run(
                "-O1", "-shared", "-fPIC", "-o", directory.resolve("clock.so").toString(), source.toString(), "-ldl");
        if (outcome.exitCode() != 0) {
            throw new IOException(outcome.text());
        }
        var clock = new ServerClock(directory);
        clock.set(Duration.ZERO);
        return clock;
    }

    /** {@code offset} from that of the machine. */
    public void set(Duration offset) throws IOException {
        // Written in place: the servers have mapped it.
        try (var file = FileChannel.open(
                directory.resolve("offset"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            file.map(FileChannel.MapMode.READ_WRITE, 0, 8).order(ByteOrder.nativeOrder()).putLong(0, offset.toSeconds());
        }
        Files.setPosixFilePermissions(directory.resolve("offset"), PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** Puts itself before the server program among these. */
    void instrument(Path programs) throws IOException {
        var server = programs.resolve("bin").resolve("postgres");
        Files.move(server, server.resolveSibling("postgres.real"));
        Files.writeString(
                server,
                "#!/bin/sh\nSERVER_CLOCK='" + directory.resolve("offset") + "' LD_PRELOAD='" + directory.resolve("clock.so")
                        + "' exec \"${0%/*}/postgres.real\" \"$@\"\n");
        Files.setPosixFilePermissions(server, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public void close() throws IOException {
        for (var name : new String[] {"clock.c", "clock.so", "offset"}) {
            Files.deleteIfExists(directory.resolve(name));
        }
        Files.delete(directory);
    }
}
