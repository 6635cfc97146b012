import Dispatch
import Scenes

/// Renders whole frames on all cores.
struct Painter {
  let plan: Plan
  let width: Int
  let height: Int
  /// Rays per pixel.
  let samples: Int

  /// Frame `number` of the clip as packed RGB.
  func frame(_ number: Int) -> [UInt8] {
    let mixture = plan.mixture(number)
    let first = scene(mixture[0].scene, number)
    guard mixture.count > 1 else { return first }
    let second = scene(mixture[1].scene, number)
    let share = mixture[1].share
    var mixed = first
    for index in mixed.indices {
      let (from, to) = (Float(first[index]), Float(second[index]))
      mixed[index] = UInt8(from + (to - from) * share + 0.5)
    }
    return mixed
  }

  private func scene(_ scene: Int, _ number: Int) -> [UInt8] {
    let (plan, width, height, samples) = (plan, width, height, samples)
    return [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      // Safety: each strip of rows is written by one worker, and all have ended before the buffer is read.
      nonisolated(unsafe) let pixels = buffer.baseAddress
      let strips = (height + 11) / 12
      DispatchQueue.concurrentPerform(iterations: strips) { strip in
        let first = strip * 12
        clip_render(
          Int32(scene), plan.time(number, in: scene), Int32(width), Int32(height), Int32(first),
          Int32(min(first + 12, height)), Int32(samples), pixels)
      }
      count = width * height * 3
    }
  }
}
