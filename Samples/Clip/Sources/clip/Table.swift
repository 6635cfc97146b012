import Foundation

/// What is to be seen when: the table beside the clips that the tests read.
struct Table: Encodable {
  struct Scene: Encodable {
    let label: String
    /// The first and the last frame that show this scene alone.
    let first: Int
    let last: Int
  }
  struct Clip: Encodable {
    let file: String
    let width: Int
    let height: Int
    let rate: Int
    let frames: Int
    let scenes: [Scene]
  }
  let clips: [Clip]

  /// The whole clip, and the tiny one that is cut from it.
  init(plan: Plan, cut: Range<Int>) {
    let all = 0..<plan.frames
    clips = [
      Self.clip("fovea-sample.mp4", 1280, 720, plan, all), Self.clip("fovea-sample-tiny.mp4", 320, 180, plan, cut),
    ]
  }

  private static func clip(_ file: String, _ width: Int, _ height: Int, _ plan: Plan, _ cut: Range<Int>) -> Clip {
    let scenes = (0..<plan.scenes).compactMap { scene -> Scene? in
      let seen = plan.alone(scene).clamped(to: cut)
      guard !seen.isEmpty else { return nil }
      return Scene(
        label: plan.label(scene), first: seen.lowerBound - cut.lowerBound, last: seen.upperBound - 1 - cut.lowerBound)
    }
    return Clip(file: file, width: width, height: height, rate: plan.rate, frames: cut.count, scenes: scenes)
  }

  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
