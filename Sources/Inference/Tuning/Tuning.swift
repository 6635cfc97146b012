/// How a network chooses between algorithms that give the same numbers but for rounding.
package enum Tuning: Sendable {
  /// By a model of their costs alone.
  case rule
  /// By measuring where that model cannot tell; the choices are kept in the user's cache and used again.
  case measured
}
