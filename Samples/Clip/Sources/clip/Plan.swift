import Scenes

/// When what is seen: each scene takes the same time, and neighbours fade into each other.
struct Plan {
  /// Frames per second.
  let rate = 30
  /// Frames from the middle of one fade to the middle of the next.
  let spacing = 72
  /// Frames of a fade, in which two scenes are mixed.
  let fade = 12
  let scenes = Int(clip_scene_count())

  var frames: Int { scenes * spacing }
  var seconds: Double { Double(frames) / Double(rate) }

  /// The scenes of a frame with their shares, which add up to 1.
  func mixture(_ frame: Int) -> [(scene: Int, share: Float)] {
    let scene = frame / spacing
    let place = frame % spacing
    let half = fade / 2
    if place < half, scene > 0 {
      let share = eased(Float(place + half) + 0.5)
      return [(scene - 1, 1 - share), (scene, share)]
    }
    if place >= spacing - half, scene + 1 < scenes {
      let share = eased(Float(place - (spacing - half)) + 0.5)
      return [(scene, 1 - share), (scene + 1, share)]
    }
    return [(scene, 1)]
  }

  /// The frames in which a scene is seen alone.
  func alone(_ scene: Int) -> Range<Int> {
    let half = fade / 2
    let first = scene * spacing + (scene > 0 ? half : 0)
    return first..<(scene + 1) * spacing - (scene + 1 < scenes ? half : 0)
  }

  /// The time inside a scene at a frame, in seconds; not negative in the fade before it.
  func time(_ frame: Int, in scene: Int) -> Float {
    Float(frame - scene * spacing + fade / 2) / Float(rate)
  }

  func label(_ scene: Int) -> String { String(cString: clip_scene_label(Int32(scene))) }

  private func eased(_ frames: Float) -> Float {
    let t = frames / Float(fade)
    return t * t * (3 - 2 * t)
  }
}
