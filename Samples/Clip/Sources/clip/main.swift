import Foundation

let usage = """
  usage: clip frames [WIDTH HEIGHT [SAMPLES]]   every frame as packed RGB on standard output
         clip still FRAME [WIDTH HEIGHT [SAMPLES]]   one frame as PPM on standard output
         clip sound                             the sound track as WAV on standard output
         clip table FIRST COUNT                 which scene is seen when, and in a cut of COUNT frames from FIRST

  """

/// Ends with the usage text.
func misused() -> Never {
  FileHandle.standardError.write(Data(usage.utf8))
  exit(2)
}

/// Numbers of the command line from a place on, with what is left out filled up; whole positive numbers only.
func numbers(from place: Int, or defaults: [Int]) -> [Int] {
  let given = CommandLine.arguments.dropFirst(place).map { Int($0) ?? -1 }
  guard given.count <= defaults.count, given.allSatisfy({ $0 >= 0 }) else { misused() }
  return Array(given) + defaults.dropFirst(given.count)
}

/// A painter for a size that the renderer can do.
func painter(_ size: ArraySlice<Int>) -> Painter {
  let (width, height, samples) = (size[size.startIndex], size[size.startIndex + 1], size[size.startIndex + 2])
  guard width % 4 == 0, height % 4 == 0, width > 0, height > 0, (1...8).contains(samples) else { misused() }
  return Painter(plan: Plan(), width: width, height: height, samples: samples)
}

let out = FileHandle.standardOutput
switch CommandLine.arguments.dropFirst().first {
case "frames":
  let painter = painter(numbers(from: 2, or: [1280, 720, 4])[...])
  for number in 0..<painter.plan.frames { try out.write(contentsOf: painter.frame(number)) }
case "still":
  let wanted = numbers(from: 2, or: [0, 1280, 720, 8])
  let painter = painter(wanted[1...])
  guard wanted[0] < painter.plan.frames else { misused() }
  try out.write(contentsOf: Data("P6 \(painter.width) \(painter.height) 255\n".utf8))
  try out.write(contentsOf: painter.frame(wanted[0]))
case "sound":
  try out.write(contentsOf: Sound(plan: Plan()).wav())
case "table":
  let cut = numbers(from: 2, or: [0, 1])
  try out.write(contentsOf: Table(plan: Plan(), cut: cut[0]..<cut[0] + cut[1]).json())
default: misused()
}
