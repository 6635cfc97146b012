import Telemetry

/// What a rule has seen, with its explanation: a row of the database, a line of the API, a message. JSON in snake case.
package struct Event: Codable, Sendable, Equatable {
  /// Grows with each event of a database.
  package var id: Int64
  package var camera: String, rule: String, model: String
  /// The class that was seen, and its confidence: the highest so far.
  package var label: String
  package var labelId: Int
  package var confidence: Double
  /// Seconds since 1970; `ended` is nil while it lasts.
  package var started: Double
  package var ended: Double?
  /// Why it began, as a sentence.
  package var cause: String
  /// Which method explained it, what it explained, and where the hottest place lay in pixels of the picture.
  package var method: String?, target: String?
  package var peak: [Double]?
  package var units: [Unit]
  /// Names of files in the folder of the storage; nil where there is none yet.
  package var clip: String?, snapshot: String?, heat: String?
  /// It is not deleted for its age or for want of room.
  package var protected: Bool

  /// A unit that fired more than it usually does.
  package struct Unit: Codable, Sendable, Equatable {
    package var layer: String, unit: Int
    /// Its highest activation.
    package var activation: Double
    /// How far above its own mean on this camera that is, in standard deviations.
    package var deviation: Double
  }
}
