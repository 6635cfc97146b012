/// What the environment did wrong, as a sentence for the user: what happened, where, and what to do about it.
package struct UserError: Error, CustomStringConvertible, Sendable {
  /// Which exit status the program ends with.
  package enum Kind: Int32, Sendable {
    /// The work failed: a file, a device, a model, a codec.
    case failed = 1
    /// The command line asks for something that does not exist.
    case usage = 2
    /// A configuration file is wrong (EX_CONFIG of sysexits.h).
    case configuration = 78
  }

  /// The sentence, without a trailing newline.
  package let description: String
  /// Which exit status the program ends with.
  package let kind: Kind
  /// What was written before the error is not to be kept either.
  package let isVoiding: Bool

  package init(_ description: String, _ kind: Kind = .failed, isVoiding: Bool = false) {
    (self.description, self.kind, self.isVoiding) = (description, kind, isVoiding)
  }
}
