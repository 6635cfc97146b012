import Telemetry

/// How the work on an output ends.
package enum Ending: Sendable {
  /// The output holds all that was asked for.
  case complete
  /// The output is whole, but holds less than was asked for: a file that exists already keeps its place.
  case cutShort
}

/// An output of any kind. It ends with one of `finish`, `salvage` and `abort`; when `finish` throws, one of the others follows.
package protocol Sink: AnyObject {
  /// Completes the output and gives it its final name.
  func finish(_ ending: Ending) throws
  /// Gives up, but keeps what was written under the name of unfinished files.
  /// - Returns: that name; nil when nothing is kept.
  func salvage() -> String?
  /// Gives up: leaves nothing half-written.
  func abort()
}

extension Sink {
  package func finish() throws { try finish(.complete) }

  package func salvage() -> String? {
    abort()
    return nil
  }
}

extension Sequence<any Sink> {
  package func finish(_ ending: Ending) throws {
    for sink in self { try sink.finish(ending) }
  }

  package func abort() {
    for sink in self { sink.abort() }
  }

  /// Ends after a failure. What was written is kept, unless the error voids it: under the final names where all outputs can be
  /// completed, else under those of unfinished files.
  /// - Parameters:
  ///   - written: how many frames were written.
  ///   - isWhole: the outputs themselves did not fail.
  /// - Returns: the failure, with the names of unfinished files that are kept.
  package func settle(after error: any Error, written: Int, isWhole: Bool) -> any Error {
    guard written > 0, (error as? UserError)?.isVoiding != true else {
      abort()
      return error
    }
    if isWhole, (try? finish(.cutShort)) != nil { return error }
    let kept = compactMap { $0.salvage() }
    guard !kept.isEmpty else { return error }
    let kind = (error as? UserError)?.kind ?? .failed
    return UserError("\(error); what was written until then is in \(kept.joined(separator: " and "))", kind)
  }
}

/// Why an output is missing.
package func nothingWritten(from source: SourceInfo, isInterrupted: Bool) -> UserError {
  let cause =
    isInterrupted ? "the work was interrupted before the first frame" : "\(source.name) gave no frame before its end"
  return UserError("\(cause), so nothing was written")
}
