package dev.holdfast.it.guard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports go one way, server -> sqlfront -> engine, and what a module need not know it does not. */
class ImportsIT {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("test-classes") && !location.contains("tests.jar"))
                .importPackages("dev.holdfast");
        // A rule about no classes at all would hold.
        for (var module : new String[] {"engine", "sqlfront", "server"}) {
            assertThat(classes.stream().filter(c -> c.getPackageName().startsWith("dev.holdfast." + module + "."))).hasSizeGreaterThan(20);
        }
    }

    @Test
    void engineKnowsNeitherSqlOfUsersNorSockets() {
        noClasses()
                .that()
                .resideInAPackage("dev.holdfast.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.holdfast.sqlfront..", "dev.holdfast.server..", "io.netty..", "org.antlr..", "picocli..")
                .check(classes);
    }

    @Test
    void sqlfrontKnowsNeitherSocketsNorStorage() {
        noClasses()
                .that()
                .resideInAPackage("dev.holdfast.sqlfront..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.holdfast.server..",
                        "io.netty..",
                        "software.amazon..",
                        "com.azure..",
                        "com.google.cloud..",
                        "dev.holdfast.engine.storage.nodelocal..")
                .check(classes);
    }

    /** How a backup is made, row by row and file by file, is the engine's alone. */
    @Test
    void serverDoesNotReadOrWriteBackups() {
        noClasses()
                .that()
                .resideInAPackage("dev.holdfast.server..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.holdfast.engine.schema..", "dev.holdfast.engine.collection..", "com.github.luben..")
                .check(classes);
    }

    /** Time and chance are given to the engine, so that tests can choose them. */
    @Test
    void engineDoesNotAskForTheTime() {
        noClasses()
                .that()
                .resideInAPackage("dev.holdfast.engine..")
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(classes);
    }
}
