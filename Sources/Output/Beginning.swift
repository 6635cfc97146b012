import Frames
import Media

/// From which time of the source an output counts its own.
enum Beginning: Hashable {
  /// This time, in units of the video's time base.
  case at(Int64)
  /// That of the first frame.
  case firstFrame

  /// For an output in this format.
  init(_ format: OutputFormat, keepsStart: Bool, _ companions: MediaCompanions?) {
    guard let companions else {
      self = format.beginsAtZero && !keepsStart ? .firstFrame : .at(0)
      return
    }
    // No container has times below 0.
    self = .at(format.beginsAtZero && !keepsStart ? companions.start : min(companions.start, 0))
  }

  /// What is taken from times; 0 until it is known.
  var time: Int64 { if case .at(let time) = self { time } else { 0 } }
}
