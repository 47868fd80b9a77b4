package dev.holdfast.engine.cluster.embedded;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The PostgreSQL programs ({@code postgres}, {@code initdb}, {@code pg_ctl}) that travel in a jar, unpacked once per machine. */
public final class PostgresBinaries {
    private final URL archive;

    private PostgresBinaries(URL archive) {
        this.archive = archive;
    }

    /** Those on the class path: the ones of the platform this distribution was built on. */
    public static PostgresBinaries onClassPath() {
        var name = archiveName();
        var url = PostgresBinaries.class.getResource("/" + name);
        if (url == null) {
            throw HoldfastException.of(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "no embedded PostgreSQL for this platform (" + System.getProperty("os.name") + ", "
                                    + System.getProperty("os.arch") + ")")
                    .withHint("Use an external PostgreSQL: --upstream postgresql://user:password@host:port/db");
        }
        return new PostgresBinaries(url);
    }

    /** Those in a jar that is not on the class path. */
    public static PostgresBinaries inJar(Path jar) {
        try {
            return new PostgresBinaries(URI.create("jar:" + jar.toUri() + "!/" + archiveName()).toURL());
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String archiveName() {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        var system = os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os.replace(" ", "");
        var machine =
                switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> arch;
                };
        return "postgres-" + system + "-" + machine + ".txz";
    }

    /**
     * Unpacks below {@code parent} unless that has happened before, and returns the directory that holds {@code bin}. The
     * directory is named by the archive's hash and appears by one rename: a reader never sees half of it, and two
     * processes that unpack at once do no harm.
     */
    public Path unpack(Path parent) {
        try {
            var target = parent.resolve("postgresql-" + fingerprint());
            if (Files.isDirectory(target)) {
                return target;
            }
            Files.createDirectories(parent);
            var temporary = Files.createTempDirectory(parent, ".unpacking-");
            try {
                extract(temporary);
                Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException | DirectoryNotEmptyException | AtomicMoveNotSupportedException e) {
                if (!Files.isDirectory(target)) {
                    throw e;
                }
            } finally {
                Directories.deleteRecursively(temporary);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack PostgreSQL below " + parent + ": " + e.getMessage(), e);
        }
    }

    /** Size and CRC of the archive, which the jar's directory knows without reading it. */
    private String fingerprint() throws IOException {
        var entry = ((JarURLConnection) archive.openConnection()).getJarEntry();
        return HexFormat.of().toHexDigits((int) entry.getCrc()) + "-" + entry.getSize();
    }

    private void extract(Path directory) throws IOException {
        try (InputStream raw = new BufferedInputStream(archive.openStream(), 1 << 16);
                var tar = new TarArchiveInputStream(new XZInputStream(raw))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var path = directory.resolve(entry.getName()).normalize();
                if (!path.startsWith(directory)) {
                    throw new IOException("entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, path);
                    if ((entry.getMode() & 0100) != 0) {
                        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                    }
                }
            }
        }
    }
}
