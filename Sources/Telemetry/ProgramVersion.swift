/// Fovea's version, as in "1.2.3" (semver.org).
package let programVersion = "0.1.0"
